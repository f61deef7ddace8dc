<?php

declare(strict_types=1);

namespace Interdict;

/**
 * Times as the C library takes them.
 *
 * @internal
 */
final class Time
{
    private const CLOCK = -1;

    /**
     * @param int|null $now seconds since 1970; null: the system's clock
     * @throws InterdictException `invalid`
     */
    public static function argument(?int $now): int
    {
        if ($now !== null && ($now < 0 || $now > 0xFFFFFFFF)) {
            throw new InterdictException(ErrorKind::Invalid, 'a time is seconds since 1970, up to 2^32 - 1');
        }
        return $now ?? self::CLOCK;
    }

    /**
     * What a clock says.
     *
     * @throws InterdictException `invalid` unless it is an int
     */
    public static function said(callable $clock): int
    {
        $now = $clock();
        return \is_int($now) ? $now
            : throw new InterdictException(ErrorKind::Invalid, 'a clock gives whole seconds since 1970, as an int');
    }
}
