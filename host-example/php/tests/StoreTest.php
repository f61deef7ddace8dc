<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Action;
use Interdict\ErrorKind;
use Interdict\Gateway;
use Interdict\Options;
use PHPUnit\Framework\TestCase;

/** What PHP hands to the C library's store, and what comes back. The store itself is tested there. */
final class StoreTest extends TestCase
{
    use Kinds;

    public function testWithoutADirectoryNothingOpens(): void
    {
        $this->assertKind(ErrorKind::StoreMissing, static fn () => Gateway::open(State::folder() . '/none'));
    }

    public function testADamagedDirectoryOpensNothing(): void
    {
        $state = State::loaded();
        \unlink("$state/se/enrolment.json");
        $this->assertKind(ErrorKind::StoreDamaged, static fn () => self::open($state));
    }

    public function testEnrollingMakesADirectoryAndTwiceIsOnce(): void
    {
        $state = State::folder() . '/state';
        Gateway::enrol($state, State::enrolment(), State::NOW);
        $key = \file_get_contents("$state/receipt.key");
        Gateway::enrol($state, State::enrolment(), State::NOW);
        self::assertSame($key, \file_get_contents("$state/receipt.key"));
        self::assertSame(State::enrolment(), \file_get_contents("$state/se/enrolment.json"));
        self::assertSame(0600, \fileperms("$state/se/enrolment.json") & 0777);
        $other = \json_decode(State::enrolment(), true);
        $other['keys'] = [['epoch' => 7, 'key' => \str_repeat('ab', 32)]];
        $error = $this->assertKind(ErrorKind::EnrolmentDiffers, static fn () => Gateway::enrol($state, $other, State::NOW));
        self::assertStringContainsString('interdict enrol', $error->getMessage());
        self::assertStringNotContainsString('abab', $error->getMessage());
    }

    public function testADamagedEnrolmentIsRefused(): void
    {
        $state = State::folder() . '/state';
        $this->assertKind(ErrorKind::Refused, static fn () => Gateway::enrol($state, ['coalition' => 'se'], State::NOW));
        self::assertDirectoryDoesNotExist($state);
    }

    public function testARefreshIsTakenUpAndHistoryIsNotForgotten(): void
    {
        $state = State::folder() . '/state';
        $from = \realpath(State::FIXTURES . '/repositories/sample-1');
        $gateway = self::open($state, new Options(enrolments: [State::enrolment($from)], clock: self::clock()));
        self::assertNotSame(Action::Allow, $gateway->screen(State::request('flowers.example'))->action);
        self::assertSame([['coalition' => 'se', 'outcome' => 'updated']], $gateway->refresh());
        self::assertSame(Action::Allow, $gateway->screen(State::request('flowers.example'))->action);
        self::assertSame([['coalition' => 'se', 'outcome' => 'unchanged']], $gateway->refresh());
        $again = self::open($state);
        self::assertSame([], $again->status()['coalitions'][0]['doubts']);
        self::assertSame('unchanged', $gateway->status()['refreshed']['se']['outcome']);
        \unlink("$state/se/history");
        self::assertSame(['no_history'], self::open($state)->status()['coalitions'][0]['doubts']);
    }

    public function testARepositoryThatIsGoneFailsAndTheListsAnswer(): void
    {
        $state = State::loaded();
        State::write("$state/se/enrolment.json", State::enrolment("$state/gone"));
        $gateway = self::open($state);
        [$refreshed] = $gateway->refresh();
        self::assertSame('failed', $refreshed['outcome']);
        self::assertNotSame('', $refreshed['why']);
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
    }

    public function testThePasswordOfARepositoryIsInNoMessage(): void
    {
        $state = State::loaded();
        State::write("$state/se/enrolment.json", State::enrolment('http://member:hunter2@127.0.0.1:9/'));
        $gateway = self::open($state, new Options(clock: self::clock(), allowPrivate: ['se'], connect: 1, response: 1));
        [$refreshed] = $gateway->refresh();
        self::assertSame('failed', $refreshed['outcome']);
        self::assertStringNotContainsString('hunter2', \json_encode([$refreshed, $gateway->status()]));
        [$refused] = self::open($state)->refresh();
        self::assertSame('failed', $refused['outcome'], 'an address of this machine, which was not allowed');
    }

    public function testWhatAnotherProcessSavedIsTakenUpOnce(): void
    {
        $state = State::loaded();
        $gateway = self::open($state);
        self::assertFalse($gateway->reloadIfChanged());
        \mkdir("$state/se/generation-2");
        foreach (\glob("$state/se/generation-1/*") ?: [] as $file) {
            \copy($file, "$state/se/generation-2/" . \basename($file));
        }
        State::write("$state/se/.staged-current", "2\n");
        \rename("$state/se/.staged-current", "$state/se/current");
        self::assertTrue($gateway->reloadIfChanged());
        self::assertFalse($gateway->reloadIfChanged());
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
    }

    public function testAReloadThatFailsLeavesWhatWasLoaded(): void
    {
        $state = State::loaded();
        $gateway = self::open($state);
        \unlink("$state/se/enrolment.json");
        $this->assertKind(ErrorKind::StoreDamaged, static fn () => $gateway->reloadIfChanged());
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
    }

    public function testAStoreThatAnotherProcessChangesIsBusy(): void
    {
        $state = State::loaded();
        $gateway = self::open($state);
        $lock = \fopen("$state/lock", 'c');
        \flock($lock, LOCK_EX);
        [$refreshed] = $gateway->refresh();
        self::assertSame('failed', $refreshed['outcome']);
        self::assertStringContainsString('another process', $refreshed['why']);
        $other = ['coalition' => 'nl', 'lists' => ['nl/merchants']] + \json_decode(State::enrolment(), true);
        $this->assertKind(ErrorKind::StoreBusy, static fn () => Gateway::enrol($state, $other, State::NOW));
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
    }

    private static function open(string $state, ?Options $options = null): Gateway
    {
        return Gateway::open($state, State::POLICY, $options ?? new Options(clock: self::clock()));
    }

    private static function clock(): callable
    {
        return static fn (): int => State::NOW;
    }
}
