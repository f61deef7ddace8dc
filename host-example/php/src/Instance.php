<?php

declare(strict_types=1);

namespace Interdict;

use FFI;
use FFI\CData;

/**
 * One engine, for whoever wants to call the module's operations (docs/abi.md) without a state directory. A shop
 * calls a Gateway.
 *
 * After a trap it never answers again: make another.
 */
final class Instance
{
    private const OPERATIONS = ['configure' => 0, 'poll' => 1, 'supply' => 2, 'screen' => 3, 'screen_batch' => 4,
        'state' => 5, 'describe' => 6];

    /** What interdict_verdict() says if there is no verdict. */
    private const NO_VERDICT = 60;

    private ?CData $handle;

    private function __construct(private readonly Library $library, CData $handle)
    {
        $this->handle = $handle;
    }

    /**
     * Makes an empty engine.
     *
     * @throws InterdictException `foreign_module`, `trapped`, `library`
     */
    public static function make(?Library $library = null): self
    {
        $library ??= Library::load();
        $made = $library->c->new('interdict_instance *');
        $library->check($library->c->interdict_instance_new(null, FFI::addr($made), $library->errors()));
        return new self($library, $made);
    }

    /**
     * Runs one operation.
     *
     * @param  string                            $operation a name such as `screen`
     * @param  array<string, mixed>|object|string $message   a message, or its JSON
     * @param  int|null                          $now       seconds since 1970; null: the system's clock
     * @return string the answer as the module wrote it
     * @throws InterdictException `refused`, `trapped`, `answer`, `invalid`
     */
    public function call(string $operation, array|object|string $message, ?int $now = null): string
    {
        $number = self::OPERATIONS[$operation]
            ?? throw new InterdictException(ErrorKind::Invalid, 'docs/abi.md has no such operation');
        $text = Json::write($message);
        $answer = $this->library->c->new('struct interdict_text');
        $this->library->check($this->library->c->interdict_instance_call(
            $this->handle(),
            $number,
            $text,
            \strlen($text),
            Time::argument($now),
            FFI::addr($answer),
            $this->library->errors(),
        ));
        return $answer->length === 0 ? '' : FFI::string($answer->data, $answer->length);
    }

    /**
     * Puts a file into the open region, for the next `supply`.
     *
     * @throws InterdictException `refused`, `trapped`
     */
    public function file(string $bytes): void
    {
        $c = $this->library->c;
        $errors = $this->library->errors();
        $this->library->check($c->interdict_instance_file($this->handle(), $bytes, \strlen($bytes), $errors));
    }

    /** The last verdict as a number of docs/abi.md: a pass is 10 to 29. 60 if there is none. */
    public function verdict(): int
    {
        return $this->handle === null ? self::NO_VERDICT : $this->library->c->interdict_instance_verdict($this->handle);
    }

    /**
     * Makes another engine with the same lists and keys.
     *
     * @throws InterdictException `trapped`
     */
    public function copy(): self
    {
        $made = $this->library->c->new('interdict_instance *');
        $errors = $this->library->errors();
        $this->library->check($this->library->c->interdict_instance_clone($this->handle(), FFI::addr($made), $errors));
        return new self($this->library, $made);
    }

    /** Frees it. Every later call is `closed`. */
    public function close(): void
    {
        if ($this->handle !== null) {
            $this->library->c->interdict_instance_free($this->handle);
            $this->handle = null;
        }
    }

    public function __destruct()
    {
        $this->close();
    }

    /** One engine has one owner. */
    private function __clone()
    {
    }

    private function handle(): CData
    {
        return $this->handle ?? throw new InterdictException(ErrorKind::Closed, 'the instance was closed');
    }
}
