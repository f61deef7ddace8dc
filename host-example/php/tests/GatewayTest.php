<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Action;
use Interdict\ErrorKind;
use Interdict\Gateway;
use Interdict\Options;
use Interdict\Receipts;
use Interdict\Refusal;
use Interdict\Verdict;
use PHPUnit\Framework\TestCase;

final class GatewayTest extends TestCase
{
    use Kinds;

    public function testAListedMerchantIsFoundAndALawfulOneIsNot(): void
    {
        $gateway = self::gateway();
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
        self::assertSame(Action::Allow, $gateway->screen(State::request('flowers.example'))->action);
        $gateway->selftest();
    }

    public function testTheTextOfARequestIsTakenAsItIs(): void
    {
        $text = "{\"flow\":\"payout\",\n \"identifiers\":[{\"kind\":\"domain\",\"value\":\"bücher.example\"}]}";
        self::assertSame(Action::Block, self::gateway()->screen($text)->action);
        $refused = $this->assertKind(ErrorKind::Refused, static fn () => self::gateway()->screen($text . "\0"));
        self::assertSame('json_syntax', $refused->refusal?->name);
    }

    public function testARefusalHasItsCodeAndPlace(): void
    {
        $request = ['flow' => 'payout', 'identifiers' => [['kind' => 'domain', 'value' => 'a.example', 'extra' => 1]]];
        $error = $this->assertKind(ErrorKind::Refused, static fn () => self::gateway()->screen($request));
        self::assertSame([-17, 'unknown_field'], [$error->getCode(), $error->refusal?->name]);
        self::assertSame('identifiers[0]', $error->refusal?->path);
        self::assertStringNotContainsString('a.example', $error->getMessage());
    }

    public function testWithoutAPolicyNoVerdictIsClean(): void
    {
        $gateway = Gateway::open(State::loaded(), null, new Options(clock: self::clock()));
        self::assertNotSame(Action::Allow, $gateway->screen(State::request('flowers.example'))->action);
    }

    public function testABatchAnswersEachRequestInOrder(): void
    {
        $gateway = self::gateway();
        $answers = $gateway->screenBatch([State::request('bücher.example'), '{}', '', State::request('flowers.example')]);
        self::assertCount(4, $answers);
        self::assertSame(Action::Block, $answers[0]->action);
        self::assertInstanceOf(Refusal::class, $answers[1]);
        self::assertSame('json_syntax', $answers[2]->name);
        self::assertSame(Action::Allow, $answers[3]->action);
        self::assertSame($gateway->screen(State::request('bücher.example'))->json, $answers[0]->json);
        self::assertSame([], $gateway->screenBatch([]));
        self::assertSame([], $gateway->screenBatch(''));
        self::assertCount(3, $gateway->screenBatch("{}\n\n{}"));
    }

    public function testARequestOfABatchThatHoldsLineFeedsIsOneRequestAsForScreen(): void
    {
        $gateway = self::gateway();
        $pretty = (string) \json_encode(State::request('bücher.example'), JSON_PRETTY_PRINT) . "\n";
        $clean = (string) \json_encode(State::request('flowers.example'));
        $answers = $gateway->screenBatch([$pretty, \str_replace('.', "\n.", $clean), "$clean\n$pretty", $clean]);
        self::assertSame($gateway->screen($pretty)->json, $answers[0]->json);
        self::assertSame(['json_syntax', 'json_syntax'], [$answers[1]->name, $answers[2]->name]);
        self::assertSame(Action::Allow, $answers[3]->action);
    }

    public function testALongBatchIsSplit(): void
    {
        $line = \json_encode(State::request('bücher.example'));
        $answers = self::gateway()->screenBatch(\str_repeat("$line\n", 40_000));
        self::assertCount(40_000, $answers);
        self::assertSame(Action::Block, $answers[39_999]->action);
    }

    public function testReceiptsAreHandedOver(): void
    {
        $seen = [];
        $gateway = self::gateway(onReceipt: static function (string $receipt, Verdict|Refusal $about) use (&$seen): void {
            $seen[] = [$receipt, $about];
        });
        $verdict = $gateway->screen(State::request('bücher.example'));
        $this->assertKind(ErrorKind::Refused, static fn () => $gateway->screen([]));
        $gateway->screenBatch([State::request('flowers.example'), 'x']);
        self::assertCount(4, $seen);
        self::assertStringContainsString('"receipt":' . $seen[0][0], $verdict->json);
        self::assertInstanceOf(Refusal::class, $seen[1][1]);
        self::assertStringContainsString('"receipt":' . $seen[1][0], (string) $seen[1][1]->json);
        $never = self::gateway(receipts: Receipts::Never)->screen(State::request('bücher.example'));
        self::assertNull($never->receipt());
    }

    public function testAFunctionThatThrowsOrClosesLosesNothing(): void
    {
        $throw = true;
        $gateway = null;
        $gateway = self::gateway(onReceipt: static function () use (&$throw, &$gateway): void {
            $throw ? throw new \DomainException('full') : $gateway->close();
        });
        for ($time = 0; $time < 3; $time++) {
            try {
                $gateway->screen(State::request('bücher.example'));
                self::fail('the exception was lost');
            } catch (\DomainException) {
            }
        }
        $throw = false;
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->screen(State::request('bücher.example')));
    }

    public function testClosingInTheMiddleOfACallFreesNothingUnderIt(): void
    {
        $gateway = self::gateway();
        $requests = static function () use ($gateway): iterable {
            yield State::request('bücher.example');
            $gateway->close();
            yield State::request('bücher.example');
        };
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->screenBatch($requests()));
        $closes = false;
        $clocked = self::gateway(clock: static function () use (&$clocked, &$closes): int {
            $closes && $clocked->close();
            return State::NOW;
        });
        $closes = true;
        $this->assertKind(ErrorKind::Closed, static fn () => $clocked->status());
    }

    public function testAClosedGatewayAnswersNothing(): void
    {
        $gateway = self::gateway();
        $gateway->close();
        $gateway->close();
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->screen(State::request('bücher.example')));
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->screenBatch([]));
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->status());
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->refresh());
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->reloadIfChanged());
        $this->assertKind(ErrorKind::Closed, static fn () => $gateway->selftest());
    }

    public function testAClockThatStandsStillOrThrowsIsNoticed(): void
    {
        $moving = self::gateway(clock: static fn (): int => State::NOW + (int) (\hrtime(true) / 1e9));
        self::assertArrayNotHasKey('doubts', $moving->screen(State::request('flowers.example'), State::NOW + 1)->members());
        $this->assertKind(ErrorKind::Refused, static fn () => self::gateway(clock: static fn (): int => 0));
        $this->assertKind(ErrorKind::Invalid, static fn () => self::gateway()->screen('{}', -1));
        $this->assertKind(ErrorKind::Invalid, static fn () => self::gateway()->screen('{}', 1 << 32));
        $this->assertKind(ErrorKind::Invalid, static fn () => self::gateway(clock: static fn (): float => 1793599200.5));
    }

    public function testBadArgumentsAreNoticedBeforeAnythingIsAsked(): void
    {
        $this->assertKind(ErrorKind::Invalid, static fn () => new Options(workers: 0));
        $this->assertKind(ErrorKind::Invalid, static fn () => new Options(connect: -1));
        $this->assertKind(ErrorKind::Invalid, static fn () => new Options(file: NAN));
        $this->assertKind(ErrorKind::Invalid, static fn () => new Options(onReceipt: 'no such function'));
        $this->assertKind(ErrorKind::Invalid, static fn () => Gateway::open(''));
        $this->assertKind(ErrorKind::Invalid, static fn () => Gateway::open(State::loaded() . "\0x"));
        $this->assertKind(ErrorKind::Invalid, static fn () => self::gateway()->screen(['flow' => "\xff"]));
        $this->assertKind(ErrorKind::Invalid, static fn () => new Options(enrolments: ['coalition' => 'se']));
        $one = State::request('flowers.example');
        $this->assertKind(ErrorKind::Invalid, static fn () => self::gateway()->screenBatch($one));
        $this->assertKind(ErrorKind::Invalid, static fn () => self::gateway()->screenBatch([$one, 5]));
    }

    public function testMemoryIsSteady(): void
    {
        $gateway = self::gateway();
        $work = static function (int $times) use ($gateway): void {
            for ($time = 0; $time < $times; $time++) {
                $gateway->screen(State::request('bücher.example'));
                $gateway->screenBatch([State::request('flowers.example'), 'x']);
                try {
                    $gateway->screen('x');
                } catch (\Exception) {
                }
                $gateway->status();
            }
        };
        $work(500);
        $before = [\memory_get_usage(), self::resident()];
        $work(3000);
        self::assertLessThan(100_000, \memory_get_usage() - $before[0]);
        self::assertLessThan(2 << 20, self::resident() - $before[1]);
    }

    public function testOpeningAndClosingLeavesNoMemoryBehind(): void
    {
        $state = State::loaded();
        $cycle = static function () use ($state): void {
            $gateway = Gateway::open($state, State::POLICY, new Options(clock: self::clock()));
            $gateway->screen(State::request('bücher.example'));
            $gateway->close();
        };
        for ($time = 0; $time < 10; $time++) {
            $cycle();
        }
        $before = self::resident();
        for ($time = 0; $time < 50; $time++) {
            $cycle();
        }
        self::assertLessThan(4 << 20, self::resident() - $before);
    }

    public function testAProcessThatForkedScreensInBothHalves(): void
    {
        $gateway = self::gateway();
        [$ours, $theirs] = \stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, STREAM_IPPROTO_IP);
        $process = \pcntl_fork();
        if ($process === 0) {
            \fwrite($theirs, $gateway->screen(State::request('bücher.example'))->action->value);
            \posix_kill(\getmypid(), SIGKILL);
        }
        \fclose($theirs);
        self::assertSame('block', \stream_get_contents($ours));
        \pcntl_waitpid($process, $status);
        self::assertSame(Action::Block, $gateway->screen(State::request('bücher.example'))->action);
    }

    private static function gateway(mixed ...$options): Gateway
    {
        return Gateway::open(State::loaded(), State::POLICY, new Options(...$options + ['clock' => self::clock()]));
    }

    private static function clock(): callable
    {
        return static fn (): int => State::NOW;
    }

    private static function resident(): int
    {
        return (int) \explode(' ', (string) \file_get_contents('/proc/self/statm'))[1] * 4096;
    }
}
