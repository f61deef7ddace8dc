<?php

declare(strict_types=1);

namespace Interdict;

/** What the module says when it refuses a message (docs/abi.md, Codes). It never repeats what was sent. */
final class Refusal
{
    /**
     * @param int         $code    below 0; docs/abi.md has the table
     * @param string      $name    the code's name, such as `unknown_field`
     * @param string|null $path    the place in the message, such as `identifiers[0]`
     * @param string      $message a sentence for a person
     * @param string|null $json    the error object as the module wrote it, of a line in a batch; of screen() only
     *     if the gateway has `onReceipt`
     */
    public function __construct(
        public readonly int $code,
        public readonly string $name,
        public readonly ?string $path,
        public readonly string $message,
        public readonly ?string $json = null,
    ) {
    }

    /** The receipt of the refusal, as JSON; null if there is none, or no `json`. */
    public function receipt(): ?string
    {
        return $this->json === null ? null : Json::member($this->json, 'error', 'receipt');
    }

    /**
     * Reads an error object of the module: `{"error":{"code":…,"name":…}}`.
     *
     * @internal
     * @throws InterdictException `answer`
     */
    public static function read(string $json): self
    {
        $error = Json::read($json)['error'] ?? null;
        if (!\is_array($error) || !\is_int($error['code'] ?? null) || $error['code'] >= 0) {
            throw new InterdictException(ErrorKind::Answer, 'the module refused in a form that is not known here');
        }
        $path = $error['path'] ?? null;
        return new self(
            $error['code'],
            (string) ($error['name'] ?? ''),
            \is_string($path) ? $path : null,
            (string) ($error['message'] ?? ''),
            $json,
        );
    }
}
