<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\ErrorKind;
use Interdict\InterdictException;

/** For tests of errors. */
trait Kinds
{
    private function assertKind(ErrorKind $kind, callable $work): InterdictException
    {
        try {
            $work();
        } catch (InterdictException $error) {
            self::assertSame($kind, $error->kind, $error->getMessage());
            return $error;
        }
        self::fail("{$kind->value} was not thrown");
    }
}
