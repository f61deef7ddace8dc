<?php

declare(strict_types=1);

namespace Interdict\Driver;

use Interdict\ErrorKind;
use Interdict\Gateway;
use Interdict\InterdictException;
use Interdict\Options;
use Interdict\Receipts;

/**
 * PHP has no threads: each of `threads` processes has a gateway of its own on the same state directory, screens,
 * traps, takes up what was swapped, and closes and opens. So no call is ever in flight when a gateway is closed.
 * The library of `INTERDICT_TEST_LIBRARY`, if it is set, has the module that traps.
 */
function soak(object $ask): array
{
    $workers = [];
    for ($number = 0; $number < $ask->threads; $number++) {
        [$ours, $theirs] = \stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, STREAM_IPPROTO_IP);
        $process = \pcntl_fork();
        if ($process === 0) {
            \fclose($ours);
            \fwrite($theirs, \json_encode(soakOne($ask, $number), WRITTEN));
            \fclose($theirs);
            \posix_kill(\getmypid(), SIGKILL); // leaves the input that it shares with its parent alone
        }
        \fclose($theirs);
        $workers[$process] = $ours;
    }
    swapping("{$ask->state}/se/current", $ask->seconds);
    $total = ['screened' => 0, 'wrong' => 0, 'trapped' => 0, 'swapped' => 0, 'closed' => 0, 'errors' => [],
        'third' => 0, 'end' => 0];
    foreach ($workers as $process => $socket) {
        $told = \json_decode((string) \stream_get_contents($socket), true);
        \pcntl_waitpid($process, $status);
        $told ??= ['errors' => ['process' => 1]]; // it crashed
        foreach ($told['errors'] as $kind => $times) {
            $total['errors'][$kind] = ($total['errors'][$kind] ?? 0) + $times;
        }
        foreach (\array_diff_key($told, ['errors' => 0]) as $name => $value) {
            $total[$name] += $value;
        }
    }
    return ['errors' => (object) $total['errors']] + $total;
}

/** Replaces the number of the generation, 1 or 2, every 50 ms. */
function swapping(string $current, float $seconds): void
{
    $end = \microtime(true) + $seconds;
    $number = (int) \file_get_contents($current);
    while (\microtime(true) < $end) {
        $number = 3 - $number;
        \file_put_contents("$current.soak", "$number\n");
        \rename("$current.soak", $current);
        \usleep(50_000);
    }
}

/** What one process does. */
function soakOne(object $ask, int $seed): array
{
    \mt_srand($seed);
    $count = ['screened' => 0, 'wrong' => 0, 'trapped' => 0, 'swapped' => 0, 'closed' => 0, 'errors' => [],
        'third' => 0, 'end' => 0];
    $begin = \microtime(true);
    $now = static fn (): int => $ask->now;
    $open = static fn (): Gateway => Gateway::open($ask->state, Subject::policy($ask), new Options(
        workers: 2,
        receipts: Receipts::from($ask->receipts ?? 'always'),
        clock: $now,
        library: \getenv('INTERDICT_TEST_LIBRARY') ?: null,
    ));
    $gateway = $open();
    $due = ['reload' => $begin + 0.05, 'trap' => $begin + 0.02, 'close' => $begin + 0.2];
    while (($time = \microtime(true)) - $begin < $ask->seconds) {
        if ($count['third'] === 0 && $time - $begin > $ask->seconds / 3) {
            $count['third'] = resident();
        }
        try {
            step($gateway, $ask, $time, $due, $count, $open);
        } catch (InterdictException $error) {
            $count['errors'][$error->kind->value] = ($count['errors'][$error->kind->value] ?? 0) + 1;
        }
    }
    $count['end'] = resident();
    $gateway->close();
    return $count;
}

function step(Gateway &$gateway, object $ask, float $time, array &$due, array &$count, callable $open): void
{
    for ($times = 0; $times < 20; $times++) {
        $request = $ask->requests[\mt_rand(0, \count($ask->requests) - 1)];
        $answer = $gateway->screen($request->message, $ask->now);
        $count['screened']++;
        $count['wrong'] += \in_array($answer->json, $request->answers, true) ? 0 : 1;
    }
    if ($time > $due['trap']) {
        $due['trap'] = $time + 0.02;
        $count['trapped'] += traps($gateway, $ask->now) ? 1 : 0;
    }
    if ($time > $due['reload']) {
        $due['reload'] = $time + 0.05;
        $count['swapped'] += $gateway->reloadIfChanged($ask->now) ? 1 : 0;
    }
    if ($time > $due['close']) {
        $due['close'] = $time + 0.2;
        $gateway->close();
        $count['closed']++;
        $gateway = $open();
    }
}

function traps(Gateway $gateway, int $now): bool
{
    try {
        $gateway->screen('!', $now);
    } catch (InterdictException $error) {
        return $error->kind === ErrorKind::Trapped ?: throw $error;
    }
    return false;
}
