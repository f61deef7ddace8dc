<?php

declare(strict_types=1);

namespace Interdict\Driver;

use Interdict\Gateway;
use Interdict\Instance;
use Interdict\Library;
use Interdict\Options;
use Interdict\Receipts;

/** The median of nanoseconds a call, of samples of a while each. */
function median(int $milliseconds, callable $work): int
{
    $samples = [];
    for ($sample = 0; $sample < 5; $sample++) {
        $from = \hrtime(true);
        $calls = 0;
        do {
            $calls += $work();
            $spent = \hrtime(true) - $from;
        } while ($spent < $milliseconds * 1e6);
        $samples[] = \intdiv($spent, $calls);
    }
    \sort($samples);
    return $samples[2];
}

/** Resident bytes of this process. */
function resident(): int
{
    return (int) \explode(' ', (string) \file_get_contents('/proc/self/statm'))[1] * 4096;
}

/** What it costs to start, to load and to screen. Time advances with the real clock. */
function bench(object $ask): array
{
    $milliseconds = static fn (int $from): float => \round((\hrtime(true) - $from) / 1e6, 3);
    $begin = \hrtime(true);
    Library::load();
    Instance::make()->close();
    $start = $milliseconds($begin);
    $now = static fn (): int => $ask->now + \intdiv(\hrtime(true) - $begin, 1_000_000_000);

    $from = \hrtime(true);
    $receipts = Receipts::from($ask->receipts ?? 'always');
    $options = new Options(receipts: $receipts, clock: $now);
    $gateway = Gateway::open($ask->state, Subject::policy($ask), $options);
    $load = $milliseconds($from);

    $requests = $ask->requests;
    $count = \count($requests);
    $next = 0;
    $single = median($ask->milliseconds, static function () use ($gateway, $requests, $count, &$next): int {
        for ($call = 0; $call < 100; $call++) {
            $gateway->screen($requests[$next++ % $count]);
        }
        return 100;
    });
    $thousand = [];
    for ($line = 0; $line < 1000; $line++) {
        $thousand[] = $requests[$line % $count];
    }
    $batch = median($ask->milliseconds, static fn (): int => \count($gateway->screenBatch($thousand)));
    $memory = resident();
    $gateway->close();
    return [
        'start_ms' => $start,
        'load_ms' => $load,
        'clone_ms' => cloned($ask, $now()),
        'single_ns' => $single,
        'bare_ns' => bare($ask, $now),
        'batch_ns' => $batch,
        'memory_bytes' => $memory,
    ];
}

/** Milliseconds to copy an instance. The gateway shows none of its own, so one is loaded from the same store. */
function cloned(object $ask, int $now): float
{
    $instance = loaded($ask, $now);
    $times = [];
    for ($copy = 0; $copy < 5; $copy++) {
        $from = \hrtime(true);
        $instance->copy()->close();
        $times[] = (\hrtime(true) - $from) / 1e6;
    }
    \sort($times);
    return \round($times[2], 3);
}

/** Nanoseconds of a call whose answer nobody reads. */
function bare(object $ask, callable $now): int
{
    $instance = loaded($ask, $now());
    $next = 0;
    return median($ask->milliseconds, static function () use ($instance, $ask, $now, &$next): int {
        $time = $now();
        for ($call = 0; $call < 100; $call++) {
            $instance->call('screen', $ask->requests[$next++ % \count($ask->requests)], $time);
        }
        return 100;
    });
}

/** An engine with what the store has, as docs/abi.md says under "A host in order". */
function loaded(object $ask, int $now): Instance
{
    $instance = Instance::make();
    $policy = Subject::policy($ask);
    $key = \trim((string) @\file_get_contents("{$ask->state}/receipt.key"));
    foreach (\glob("{$ask->state}/*/enrolment.json") ?: [] as $file) {
        $shelf = \dirname($file);
        $enrolment = \file_get_contents($file);
        $name = \json_encode(\basename($shelf));
        $history = \json_encode(\is_file("$shelf/history") ? \file_get_contents("$shelf/history") : 'none');
        $coalition = "{\"name\":$name,\"enrolment\":$enrolment,\"history\":$history}";
        $instance->call('configure', "{\"coalitions\":[$coalition]}", $now);
        $generation = "$shelf/generation-" . \trim((string) \file_get_contents("$shelf/current"));
        replay($instance, \basename($shelf), $generation, $now);
    }
    $choices = $policy === null ? [] : ["\"policy\":$policy"];
    if ($key !== '') {
        $choices[] = "\"receipt_key\":\"$key\",\"receipts\":\"" . ($ask->receipts ?? 'always') . '"';
    }
    $instance->call('configure', '{' . \implode(',', $choices) . '}', $now);
    return $instance;
}

function replay(Instance $instance, string $coalition, string $folder, int $now): void
{
    $told = $instance->call('poll', ['coalition' => $coalition, 'begin' => 'store'], $now);
    while (($fetch = \json_decode($told)->fetch) !== null) {
        $found = \is_file("$folder/{$fetch->name}");
        if ($found) {
            $instance->file((string) \file_get_contents("$folder/{$fetch->name}"));
        }
        $supply = ['coalition' => $coalition, 'name' => $fetch->name, 'outcome' => $found ? 'bytes' : 'not_found'];
        $told = $instance->call('supply', $supply, $now);
    }
}
