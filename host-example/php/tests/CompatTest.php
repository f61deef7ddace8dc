<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Gateway;
use Interdict\Instance;
use Interdict\Options;
use PHPUnit\Framework\TestCase;

/** What an earlier version made is read (docs/compatibility.md). */
final class CompatTest extends TestCase
{
    private const FROZEN = State::FIXTURES . '/compat/1';

    public function testAStoreIsLoadedAndAnswersAsItDid(): void
    {
        $expected = self::expected();
        $gateway = Gateway::open(State::copy(self::FROZEN . '/gateway/state'), State::POLICY, new Options(
            clock: static fn (): int => $expected['now'],
        ));
        $screen = static fn (array $request): array => $gateway->screen($request)->members();
        $this->assertAnswers($screen, $expected['editions']['member']);
        [$state] = $gateway->status()['coalitions'];
        self::assertSame([], $state['doubts']);
        self::assertStringEqualsFile(self::FROZEN . '/gateway/state/se/history', $state['history']);
    }

    /** @dataProvider editions */
    public function testEachEditionIsLoadedAndAnswersAsItDid(string $enrolment, string $edition): void
    {
        $expected = self::expected();
        $now = $expected['now'];
        $file = (string) \file_get_contents(self::FROZEN . "/enrolments/$enrolment.json");
        $instance = Instance::make();
        $policy = \json_encode(State::POLICY);
        $instance->call('configure', "{\"coalitions\":[{\"enrolment\":$file,\"history\":\"none\"}],\"policy\":$policy}", $now);
        $told = \json_decode($instance->call('poll', ['coalition' => 'se', 'begin' => 'repository'], $now), true);
        while ($told['fetch'] !== null) {
            $path = self::FROZEN . "/repository/{$told['fetch']['path']}";
            if (\is_file($path)) {
                $instance->file((string) \file_get_contents($path));
            }
            $told = \json_decode($instance->call('supply', [
                'coalition' => 'se',
                'name' => $told['fetch']['name'],
                'outcome' => \is_file($path) ? 'bytes' : 'not_found',
            ], $now), true);
        }
        self::assertTrue($told['completed']);
        $screen = static fn (array $request): array => \json_decode($instance->call('screen', $request, $now), true);
        $this->assertAnswers($screen, $expected['editions'][$edition]);
    }

    public static function editions(): array
    {
        return [['by-hand', 'member'], ['compact', 'compact'], ['public', 'public']];
    }

    private function assertAnswers(callable $screen, array $expected): void
    {
        foreach ($expected['verdicts'] as $name => [$action, $code]) {
            [$kind, $value] = \explode(' ', $name, 2);
            $identifiers = [['kind' => $kind, 'value' => $value]];
            $verdict = $screen(['flow' => $expected['flow'], 'identifiers' => $identifiers]);
            self::assertSame([$action, false], [$verdict['action'], $verdict['degraded']], $name);
            self::assertContains($code, \array_column($verdict['reasons'], 'code'), $name);
        }
    }

    private static function expected(): array
    {
        return \json_decode((string) \file_get_contents(self::FROZEN . '/expected.json'), true, 64, JSON_THROW_ON_ERROR);
    }
}
