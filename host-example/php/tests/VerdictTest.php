<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Decision;
use Interdict\ErrorKind;
use Interdict\Flow;
use Interdict\Gateway;
use Interdict\Refusal;
use Interdict\Verdict;
use PHPUnit\Framework\TestCase;

final class VerdictTest extends TestCase
{
    use Kinds;

    private const ANSWER = '{"action":"review","because":"late","score":12,"degraded":true,"reasons":[{"code":"degraded",'
        . '"weight":0}],"lists":[],"receipt":{"format":1,"empty":{},"none":[],"text":"bücher/","mac":"00"}}';

    public function testAReceiptIsHandedOutAsTheModuleWroteIt(): void
    {
        $verdict = Verdict::of('review', 'late', 12, true, self::ANSWER);
        self::assertStringContainsString('"receipt":' . $verdict->receipt(), self::ANSWER);
        self::assertSame([['code' => 'degraded', 'weight' => 0]], $verdict->reasons());
        self::assertNull(Verdict::of('allow', '', 0, false, '{"action":"allow","degraded":false}')->receipt());
    }

    public function testAWordThatIsNoActionIsNoVerdict(): void
    {
        foreach (['', 'Allow', 'pass', "allow\0", '10'] as $word) {
            $this->assertKind(ErrorKind::Answer, static fn () => Verdict::of($word, '', 0, false, '{}'));
        }
    }

    /** @dataProvider answersThatAreNoRefusal */
    public function testWhatIsNotUnderstoodIsNoRefusal(string $json): void
    {
        $this->assertKind(ErrorKind::Answer, static fn () => Refusal::read($json));
    }

    public static function answersThatAreNoRefusal(): array
    {
        return [[''], ['null'], ["\0"], ['{}'], ['{"error":{}}'], ['{"error":{"code":0}}'],
            ['{"error":{"code":"-17"}}'], [self::ANSWER]];
    }

    /** @dataProvider doors */
    public function testADoorDoesWhatTheTableSays(
        string $action,
        ?string $because,
        string $flow,
        bool $holds,
        string $decision,
    ): void {
        $decide = static fn (): Decision => Gateway::decision($action, $because, $flow, $holds);
        match ($decision) {
            'error' => $this->assertKind(ErrorKind::Invalid, $decide),
            'not_screened' => $this->assertKind(ErrorKind::NotScreened, $decide),
            default => self::assertSame($decision, $decide()->value),
        };
    }

    public static function doors(): array
    {
        $cases = [
            ['action' => 'allow', 'flow' => 'payout', 'holds' => true, 'decision' => 'pass'],
            ['action' => 'review', 'because' => 'late', 'flow' => 'payout', 'holds' => true, 'decision' => 'hold'],
            ['action' => 'review', 'because' => 'late', 'flow' => 'payout', 'holds' => false, 'decision' => 'not_screened'],
            ['action' => 'review', 'because' => 'record', 'flow' => 'payout', 'holds' => false, 'decision' => 'refuse'],
            ['action' => 'hold_payout', 'because' => 'record', 'flow' => 'checkout', 'holds' => true, 'decision' => 'pass'],
            ['action' => 'block', 'because' => 'record', 'flow' => 'checkout', 'holds' => true, 'decision' => 'refuse'],
            ['action' => "allow\0", 'flow' => 'payout', 'holds' => true, 'decision' => 'error'],
            ['action' => 'Allow', 'flow' => 'payout', 'holds' => true, 'decision' => 'error'],
            ['action' => 'allow', 'flow' => 'payouts', 'holds' => true, 'decision' => 'error'],
            ['action' => '', 'flow' => '', 'holds' => true, 'decision' => 'error'],
        ];
        if (\is_file(State::FIXTURES . '/doors.json')) {
            $text = (string) \file_get_contents(State::FIXTURES . '/doors.json');
            $cases = \array_merge($cases, \json_decode($text, true, 64, JSON_THROW_ON_ERROR));
        }
        return \array_map(static fn (array $case): array => [$case['action'], $case['because'] ?? null, $case['flow'],
            $case['holds'], $case['decision']], $cases);
    }

    public function testAVerdictDecides(): void
    {
        $verdict = Verdict::of('review', 'late', 12, true, self::ANSWER);
        self::assertSame(Decision::Hold, $verdict->decision(Flow::Onboarding));
        self::assertSame(Decision::Pass, $verdict->decision(Flow::Checkout, holds: false));
        $this->assertKind(ErrorKind::NotScreened, static fn () => $verdict->decision(Flow::Payout, holds: false));
    }
}
