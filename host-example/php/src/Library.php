<?php

declare(strict_types=1);

namespace Interdict;

use FFI;
use FFI\CData;

/**
 * The C library, `libinterdict-host`, as PHP calls it. The module is compiled into it.
 *
 * If `ffi.preload` names it, there is no other. Otherwise it is found at the path that is given, else at that of the
 * environment variable `INTERDICT_LIBRARY`, else under its system name.
 */
final class Library
{
    /** What `interdict_host.ffi.h` declares, in the scope that `ffi.preload` gives it. */
    private const SCOPE = 'INTERDICT';

    /** @var array<string, self> by the path that was given; '' for none */
    private static array $loaded = [];

    /**
     * What the clock says to C.
     *
     * @internal
     */
    public int $time = 0;

    private CData $error;

    /** Holds the one function of PHP that C calls: PHP frees none before a request ends. */
    private ?CData $clock = null;

    private function __construct(
        /** @internal */
        public readonly FFI $c,
        /** Where it was found; empty if `ffi.preload` loaded it. */
        public readonly string $path,
    ) {
        $this->error = $c->new('struct interdict_error');
        $options = $c->new('struct interdict_options');
        $c->interdict_options_init(FFI::addr($options));
        if ($options->size !== FFI::sizeof($options)) {
            throw new InterdictException(ErrorKind::Library, 'the C library is of another version than this package');
        }
        $this->check($c->interdict_module_check(null, $this->errors()));
    }

    /**
     * Loads the library, once a path and request.
     *
     * @param string|null $path its file; null: see above
     * @throws InterdictException `library`; `invalid` for a path although `ffi.preload` names the library;
     *     `foreign_module` if it was built with a module that this host refuses
     */
    public static function load(?string $path = null): self
    {
        return self::$loaded[$path ?? ''] ??= self::open($path);
    }

    /** SHA-256 of the module's file, 64 hexadecimal digits. */
    public function moduleSha256(): string
    {
        return $this->c->interdict_module_sha256(null);
    }

    /** What compiled the module, such as `wasm2c 1.0.42, bounds checks`. */
    public function runtime(): string
    {
        return $this->c->interdict_module_runtime(null);
    }

    /** Whether it can fetch from web servers. Repositories that are directories can always be read. */
    public function canFetch(): bool
    {
        return $this->c->interdict_can_fetch() === 1;
    }

    /**
     * The header for `ffi.preload`: the declarations, and where the library is.
     *
     * @param string $path its file
     */
    public static function header(string $path): string
    {
        if (\strpbrk($path, "\"\\\n") !== false) {
            throw new InterdictException(ErrorKind::Invalid, 'the path cannot be written into a header');
        }
        return '#define FFI_SCOPE "' . self::SCOPE . "\"\n#define FFI_LIB \"$path\"\n" . self::declarations();
    }

    /**
     * What an internal function needs to report an error.
     *
     * @internal
     */
    public function errors(): CData
    {
        return FFI::addr($this->error);
    }

    /**
     * A clock for C. It runs nobody's code: it says the time that was asked for before C was called.
     *
     * @internal
     */
    public function clock(): CData
    {
        if ($this->clock === null) {
            $this->clock = $this->c->new('struct interdict_options');
            $this->clock->clock = fn (): int => $this->time;
        }
        return $this->clock->clock;
    }

    /**
     * Throws what a function reported, unless it succeeded.
     *
     * @internal
     * @throws InterdictException
     */
    public function check(int $result): void
    {
        if ($result === 0) {
            return;
        }
        $kind = ErrorKind::tryFrom($this->c->interdict_error_word($result)) ?? ErrorKind::Library;
        $message = FFI::string($this->error->message);
        $refusal = null;
        if ($kind === ErrorKind::Refused) {
            $path = FFI::string($this->error->path);
            $refusal = new Refusal($this->error->code, FFI::string($this->error->name), $path ?: null, $message);
        }
        throw new InterdictException($kind, $message, $refusal);
    }

    /**
     * A text that the library handed out, which it then frees.
     *
     * @internal
     */
    public function take(CData $text, int $length): string
    {
        try {
            return FFI::string($text, $length);
        } finally {
            $this->c->interdict_text_free($text);
        }
    }

    private static function open(?string $path): self
    {
        $scope = self::scope();
        if ($scope !== null) {
            return $path === null ? new self($scope, '')
                : throw new InterdictException(ErrorKind::Invalid, 'ffi.preload names the library');
        }
        // The environment of the process: a web request brings one of its own.
        $path ??= \getenv('INTERDICT_LIBRARY', true) ?: self::systemName();
        try {
            return new self(FFI::cdef(self::declarations(), $path), $path);
        } catch (FFI\Exception $error) {
            $about = 'the C library cannot be loaded (' . $error->getMessage() . '); README.md says how';
            throw new InterdictException(ErrorKind::Library, $about, null, $error);
        }
    }

    private static function scope(): ?FFI
    {
        try {
            return FFI::scope(self::SCOPE);
        } catch (FFI\Exception) { // ffi.preload does not name it
            return null;
        }
    }

    private static function systemName(): string
    {
        return 'libinterdict-host.' . (PHP_OS_FAMILY === 'Darwin' ? 'dylib' : 'so');
    }

    private static function declarations(): string
    {
        return (string) \file_get_contents(\dirname(__DIR__) . '/interdict_host.ffi.h');
    }
}
