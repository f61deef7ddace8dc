<?php

declare(strict_types=1);

// Answers the shared tests of all hosts over standard input and output, a line of JSON a line, through nothing but
// the package's public classes: php driver.php FIXTURES. Lines with `op` are the corpus (fixtures/README.md,
// Protocol of a subject), lines with `do` ask a gateway.

namespace Interdict\Driver;

use Interdict\ErrorKind;
use Interdict\Instance;
use Interdict\InterdictException;

require __DIR__ . '/autoload.php';
require __DIR__ . '/subject.php';
require __DIR__ . '/bench.php';
require __DIR__ . '/soak.php';

const WRITTEN = JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS;

/** Runs one operation on a raw engine. */
function operate(Instance $instance, object $step, string $fixtures): array
{
    try {
        if (isset($step->file)) {
            $instance->file((string) \file_get_contents("$fixtures/{$step->file}"));
        } elseif (isset($step->file_base64)) {
            $instance->file((string) \base64_decode($step->file_base64, true));
        }
        $message = isset($step->in_base64) ? (string) \base64_decode($step->in_base64, true) : $step->in;
        return ['code' => 0, 'out' => $instance->call($step->op, $message, $step->now)];
    } catch (InterdictException $error) {
        if ($error->refusal === null) {
            throw $error;
        }
        return ['code' => $error->refusal->code, 'out' => '', 'error' => $error->refusal->message];
    }
}

function answer(Subject $subject, object $ask): array
{
    try {
        return ['ok' => $subject->{$ask->do}($ask)];
    } catch (InterdictException $error) {
        $code = $error->kind === ErrorKind::Refused ? ['code' => $error->getCode()] : [];
        return ['error' => ['kind' => $error->kind->value] + $code + ['text' => $error->getMessage()]];
    }
}

function main(string $fixtures): void
{
    $instance = null;
    $subject = new Subject();
    while (($line = \fgets(STDIN)) !== false) {
        $step = \json_decode($line, false, 512, JSON_THROW_ON_ERROR);
        if (isset($step->do)) {
            $answer = answer($subject, $step);
        } elseif ($step->op === 'new') {
            $instance?->close();
            $instance = Instance::make();
            $answer = ['code' => 0, 'out' => ''];
        } else {
            $answer = operate($instance ??= Instance::make(), $step, $fixtures);
        }
        \fwrite(STDOUT, \json_encode($answer, WRITTEN) . "\n");
        \fflush(STDOUT);
    }
}

main($argv[1] ?? \dirname(__DIR__, 3) . '/fixtures');
