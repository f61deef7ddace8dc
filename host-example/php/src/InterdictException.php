<?php

declare(strict_types=1);

namespace Interdict;

/**
 * There is no answer. Never read it as a pass: the merchant was not screened.
 *
 * `getCode()` is the module's code if the kind is `refused`, otherwise 0.
 */
final class InterdictException extends \RuntimeException
{
    /** @param Refusal|null $refusal what the module said, if it refused */
    public function __construct(
        public readonly ErrorKind $kind,
        string $message,
        public readonly ?Refusal $refusal = null,
        ?\Throwable $previous = null,
    ) {
        parent::__construct($message, $refusal->code ?? 0, $previous);
    }
}
