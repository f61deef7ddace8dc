<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Action;
use Interdict\ErrorKind;
use Interdict\Gateway;
use Interdict\Instance;
use Interdict\Library;
use Interdict\Options;
use PHPUnit\Framework\TestCase;

/** With a library whose module traps at a request that begins with `!`. */
final class TrapTest extends TestCase
{
    use Kinds;

    private string $library;

    protected function setUp(): void
    {
        $this->library = \getenv('INTERDICT_TEST_LIBRARY') ?: '';
        if ($this->library === '') {
            self::markTestSkipped('INTERDICT_TEST_LIBRARY is not set');
        }
    }

    public function testATrapIsNoVerdictAndTheGatewayGoesOn(): void
    {
        $gateway = Gateway::open(State::loaded(), State::POLICY, new Options(
            clock: static fn (): int => State::NOW,
            library: $this->library,
        ));
        for ($time = 1; $time <= 5; $time++) {
            $this->assertKind(ErrorKind::Trapped, static fn () => $gateway->screen('!'));
            self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
            self::assertSame(Action::Allow, $gateway->screen(State::request('flowers.example'))->action);
            self::assertSame($time, $gateway->status()['traps']);
        }
    }

    public function testAnInstanceThatTrappedAnswersNothingMore(): void
    {
        $instance = Instance::make(Library::load($this->library));
        $this->assertKind(ErrorKind::Trapped, static fn () => $instance->call('screen', '!', State::NOW));
        $this->assertKind(ErrorKind::Trapped, static fn () => $instance->call('state', '{}', State::NOW));
        self::assertSame(60, $instance->verdict());
    }
}
