<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Action;
use Interdict\ErrorKind;
use Interdict\Gateway;
use Interdict\Options;
use PHPUnit\Framework\TestCase;

/** One process keeps a gateway from request to request; here as an object, in FpmTest across requests. */
final class KeptTest extends TestCase
{
    use Kinds;

    public function testTheSameChoicesGiveTheSameGateway(): void
    {
        $state = State::loaded();
        $gateway = Gateway::kept($state, State::POLICY);
        self::assertSame($gateway, Gateway::kept("$state/../" . \basename($state), State::POLICY));
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
    }

    public function testOtherChoicesCloseTheFirst(): void
    {
        $state = State::loaded();
        $first = Gateway::kept($state, State::POLICY);
        $second = Gateway::kept($state, State::POLICY, new Options(workers: 2));
        $this->assertKind(ErrorKind::Closed, static fn () => $first->screen('{}'));
        self::assertSame(Action::Block, $second->screen(State::request('bücher.example'))->action);
        $second->close();
        $third = Gateway::kept($state, State::POLICY, new Options(workers: 2));
        self::assertNotSame($second, $third);
        self::assertSame(Action::Block, $third->screen(State::request('bücher.example'))->action);
    }

    public function testAClockOfPhpCannotBeKept(): void
    {
        $options = new Options(clock: static fn (): int => State::NOW);
        $this->assertKind(ErrorKind::Invalid, static fn () => Gateway::kept(State::loaded(), null, $options));
    }
}
