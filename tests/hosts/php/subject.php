<?php

declare(strict_types=1);

namespace Interdict\Driver;

use Interdict\ErrorKind;
use Interdict\Gateway;
use Interdict\InterdictException;
use Interdict\Library;
use Interdict\Options;
use Interdict\Receipts;
use Interdict\Refusal;
use Interdict\Verdict;

/** What lines with `do` ask for; each method is one word. */
final class Subject
{
    private ?Gateway $gateway = null;
    private int $receipts = 0;
    private int $time = 0;

    public function about(): array
    {
        $library = Library::load();
        return [
            'language' => 'PHP ' . PHP_VERSION,
            'runtime' => $library->runtime(),
            'compiled' => \str_starts_with($library->runtime(), 'wasm2c'),
            'module' => $library->moduleSha256(),
        ];
    }

    public function open(object $ask): object
    {
        $this->gateway?->close();
        $this->gateway = null;
        $this->receipts = 0;
        $this->time = $ask->now;
        $options = self::options($ask, $this->count(...), $this->time(...));
        $this->gateway = Gateway::open($ask->state, self::policy($ask), $options);
        return (object) [];
    }

    public function screen(object $ask): array
    {
        $verdict = $this->gateway()->screen($ask->message, $this->now($ask));
        return ['answer' => $verdict->json, 'action' => $verdict->action->value];
    }

    public function batch(object $ask): array
    {
        $answers = $this->gateway()->screenBatch($ask->lines, $this->now($ask));
        return ['answers' => \array_map(static fn (Verdict|Refusal $answer): ?string => $answer->json, $answers)];
    }

    public function refresh(object $ask): array
    {
        return ['coalitions' => $this->gateway()->refresh($this->now($ask))];
    }

    public function status(object $ask): array
    {
        $status = $this->gateway()->status($this->now($ask));
        return ['refreshed' => (object) $status['refreshed']] + $status;
    }

    public function reload(object $ask): bool
    {
        return $this->gateway()->reloadIfChanged($this->now($ask));
    }

    public function selftest(object $ask): object
    {
        $this->gateway()->selftest($this->now($ask));
        return (object) [];
    }

    public function close(): object
    {
        $this->gateway()->close();
        return (object) [];
    }

    public function decide(object $ask): string
    {
        return Gateway::decision($ask->action, $ask->because ?? null, $ask->flow, $ask->holds ?? true)->value;
    }

    public function receipts(): array
    {
        return ['count' => $this->receipts];
    }

    public function soak(object $ask): array
    {
        return soak($ask);
    }

    public function bench(object $ask): array
    {
        return bench($ask);
    }

    /** An unknown word is a defect of whoever asks. */
    public function __call(string $name, array $arguments): never
    {
        throw new InterdictException(ErrorKind::Invalid, "no such request: $name");
    }

    public static function policy(object $ask): ?string
    {
        $policy = $ask->policy ?? null;
        return $policy === null || \is_string($policy) ? $policy : \json_encode($policy, WRITTEN);
    }

    private static function options(object $ask, callable $count, callable $time): Options
    {
        $patience = $ask->patience ?? new \stdClass();
        $texts = static fn (mixed $one): string => \is_string($one) ? $one : \json_encode($one, WRITTEN);
        return new Options(
            enrolments: \array_map($texts, $ask->enrolments ?? []),
            workers: $ask->workers ?? 1,
            receipts: Receipts::from($ask->receipts ?? 'always'),
            onReceipt: $count,
            allowPrivate: $ask->private ?? false,
            clock: $time,
            connect: ($patience->connect ?? 10_000) / 1000,
            response: ($patience->response ?? 10_000) / 1000,
            file: ($patience->file ?? 60_000) / 1000,
            refresh: ($patience->refresh ?? 600_000) / 1000,
        );
    }

    private function count(): void
    {
        $this->receipts++;
    }

    private function time(): int
    {
        return $this->time;
    }

    private function now(object $ask): int
    {
        return $this->time = $ask->now;
    }

    private function gateway(): Gateway
    {
        return $this->gateway ?? throw new InterdictException(ErrorKind::Closed, 'no gateway is open');
    }
}
