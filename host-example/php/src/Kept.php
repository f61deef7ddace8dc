<?php

declare(strict_types=1);

namespace Interdict;

use FFI;
use FFI\CData;

/**
 * Where a process finds its gateway again after PHP has forgotten everything: the hash table that the C library of
 * the system (glibc) keeps once a process. Nothing but native code reads or writes it, unlike the environment or
 * shared memory, so no script can put another pointer there.
 *
 * @internal
 */
final class Kept
{
    private const DECLARATIONS = <<<'C'
        struct entry { char *key; void *data; };
        struct kept { char digest[64]; void *gateway; };
        int hcreate(size_t count);
        struct entry *hsearch(struct entry item, int action);
        char *strdup(const char *text);
        void *dlopen(const char *path, int flags);
        const char *gnu_get_libc_version(void);
        C;
    private const ENTER = 1;
    /** State directories a process may keep gateways for. */
    private const PLACES = 64;
    /** RTLD_NOW and RTLD_NODELETE: the library stays although PHP closes it after each request. */
    private const STAYS = 0x1002;

    private function __construct(
        private readonly Library $library,
        /** Its types must outlive what is of them. */
        private readonly FFI $libc,
        private readonly CData $place,
    ) {
    }

    /**
     * The place of a state directory, an absolute path.
     *
     * @throws InterdictException `invalid` where PHP cannot keep anything
     */
    public static function at(Library $library, string $state): self
    {
        try {
            $libc = PHP_ZTS ? null : FFI::cdef(self::DECLARATIONS);
        } catch (FFI\Exception) { // another C library than glibc
            $libc = null;
        }
        if ($libc === null) {
            throw new InterdictException(ErrorKind::Invalid, 'only a PHP without threads on glibc keeps a gateway');
        }
        if ($library->path !== '' && $libc->dlopen($library->path, self::STAYS) === null) {
            throw new InterdictException(ErrorKind::Library, 'the C library cannot be kept');
        }
        $libc->hcreate(self::PLACES); // does nothing if there is a table
        $item = $libc->new('struct entry');
        $item->key = $libc->strdup('interdict ' . \hash('sha256', $state));
        $entry = $libc->hsearch($item, self::ENTER);
        if ($entry === null) {
            throw new InterdictException(ErrorKind::Invalid, 'the process keeps too many gateways');
        }
        if ($entry->data === null) {
            $entry->data = FFI::addr($libc->new('struct kept', false, true));
        }
        return new self($library, $libc, $libc->cast('struct kept *', $entry->data));
    }

    /** The gateway that was opened with the same choices, or null. One that was opened with others is closed. */
    public function gateway(string $digest): ?CData
    {
        if ($this->place->gateway === null) {
            return null;
        }
        $handle = $this->library->c->cast('interdict_gateway *', $this->place->gateway);
        if (FFI::string($this->place->digest, 64) === $digest) {
            return $handle;
        }
        $this->forget();
        $this->library->c->interdict_gateway_free($handle);
        return null;
    }

    public function keep(CData $handle, string $digest): void
    {
        FFI::memcpy($this->place->digest, $digest, 64);
        $this->place->gateway = $handle;
    }

    public function forget(): void
    {
        $this->place->gateway = null;
    }
}
