<?php

declare(strict_types=1);

namespace Interdict;

use FFI;
use FFI\CData;

/**
 * Screens merchants from a state directory (docs/store.md). This is what a shop system calls.
 *
 *     $gateway = Gateway::open('state', ['required' => ['se' => ['se/merchants']]]);
 *     $verdict = $gateway->screen(['flow' => 'payout', 'identifiers' => [['kind' => 'domain', 'value' => $host]]]);
 *     if ($verdict->decision(Flow::Payout) === Decision::Pass) { … }
 *
 * Every error is an InterdictException, and none is a pass. Times are seconds since 1970; where none is given, the
 * clock's is taken.
 */
final class Gateway
{
    /** @var array<string, self> kept gateways by state directory, so that one handle has one owner */
    private static array $owners = [];

    private bool $closed = false;

    private function __construct(
        private readonly Library $library,
        /** Freed with this object and not before, because a function of the caller's may close in the middle of a call. */
        private readonly CData $handle,
        private readonly Options $options,
        private readonly ?Kept $kept = null,
        private readonly string $digest = '',
    ) {
    }

    /**
     * Loads the lists that were saved; no network is used. It is closed with this object.
     *
     * @param string                           $state  the state directory
     * @param array<string, mixed>|string|null $policy the policy, or its JSON (docs/scoring.md). Without one no
     *     verdict is clean
     * @throws InterdictException `store_missing`, `store_damaged`, `store_busy`, `enrolment_differs`, `refused`,
     *     `library`, `foreign_module`, `invalid`
     */
    public static function open(string $state, array|string|null $policy = null, Options $options = new Options()): self
    {
        $library = Library::load($options->library);
        $policy = $policy === null ? null : Json::write($policy);
        return new self($library, self::load($library, $state, $policy, $options), $options);
    }

    /**
     * The gateway that this process keeps from one web request to the next, opened at the first. PHP-FPM forgets
     * every object at the end of a request, and loading a large list for each would take too long.
     *
     * Another policy or other options open it anew. The state directory must be there: enrol first. Call
     * reloadIfChanged() to take up what a refresh has saved.
     *
     * @param array<string, mixed>|string|null $policy as for open()
     * @throws InterdictException as open()
     */
    public static function kept(string $state, array|string|null $policy = null, Options $options = new Options()): self
    {
        if ($options->clock !== null) {
            throw new InterdictException(ErrorKind::Invalid, 'a kept gateway has the system\'s clock');
        }
        $library = Library::load($options->library);
        $policy = $policy === null ? null : Json::write($policy);
        $digest = $options->digest($policy);
        $state = \realpath($state)
            ?: throw new InterdictException(ErrorKind::StoreMissing, 'there is no state directory');
        $owner = self::$owners[$state] ?? null;
        if ($owner !== null && !$owner->closed && $owner->digest === $digest) {
            return $owner;
        }
        $owner?->close();
        $place = Kept::at($library, $state);
        $handle = $place->gateway($digest);
        if ($handle === null) {
            $handle = self::load($library, $state, $policy, $options);
            $place->keep($handle, $digest);
        }
        return self::$owners[$state] = new self($library, $handle, $options, $place, $digest);
    }

    /**
     * Enrols a coalition, after the module has accepted the enrolment. Makes the directory and its receipt key.
     * Nothing changes if the coalition is enrolled with the same root and has all the keys.
     *
     * @param array<string, mixed>|string $enrolment the enrolment file's text, or what it holds
     * @throws InterdictException `refused`, `enrolment_differs`, `store_busy`, `store_damaged`
     */
    public static function enrol(
        string $state,
        array|string $enrolment,
        ?int $now = null,
        ?string $library = null,
    ): void {
        $library = Library::load($library);
        $text = Json::write($enrolment);
        $errors = $library->errors();
        $state = self::path($state);
        $now = Time::argument($now);
        $library->check($library->c->interdict_store_enrol($state, null, $text, \strlen($text), $now, $errors));
    }

    /**
     * Screens one merchant.
     *
     * @param array<string, mixed>|string $request the members of docs/abi.md, "screen", or their JSON
     * @throws InterdictException `refused`, `trapped`, `answer`, `closed`, `invalid`. None is a verdict
     */
    public function screen(array|string $request, ?int $now = null): Verdict
    {
        $text = Json::write($request);
        $now ??= Time::said($this->options->clock ?? \time(...));
        try {
            $verdict = $this->one($text, $now);
        } catch (InterdictException $error) {
            throw $this->options->onReceipt === null ? $error : $this->withReceipt($error, $text, $now);
        }
        $this->report($verdict);
        return $verdict;
    }

    /**
     * Screens any number of merchants, each as screen() would. Keys of the array are not kept.
     *
     * @param iterable<array<string, mixed>|string>|string $requests requests or their JSON; or a text with one a line
     * @return list<Verdict|Refusal> what each request got, in order
     * @throws InterdictException `trapped`, `answer`, `closed`, `invalid`: then none has a verdict
     */
    public function screenBatch(iterable|string $requests, ?int $now = null): array
    {
        $answers = $this->ask($requests, $now);
        foreach ($answers as $answer) {
            $this->report($answer);
        }
        return $answers;
    }

    /**
     * Fetches what the coalitions have published, checks it, saves it and screens with it. For a cron job: it may
     * take minutes. The last good lists answer if it fails.
     *
     * @return list<array{coalition: string, outcome: 'updated'|'unchanged'|'failed', why?: string}>
     * @throws InterdictException `store_busy`, `closed`, `invalid` if the library cannot fetch
     */
    public function refresh(?int $now = null): array
    {
        return $this->told('interdict_gateway_refresh', $now)['coalitions'] ?? [];
    }

    /**
     * What is live: the module's `state` of each coalition, the last refresh of each, warnings, and how often the
     * module trapped.
     *
     * @return array{coalitions: list<array<string, mixed>>, refreshed: array<string, array<string, mixed>>,
     *     warnings: list<string>, traps: int}
     * @throws InterdictException `closed`
     */
    public function status(?int $now = null): array
    {
        return $this->told('interdict_gateway_status', $now);
    }

    /**
     * Loads the state directory again if another process changed it, such as a refresh from cron.
     *
     * @return bool whether it had changed
     * @throws InterdictException as open(); what was loaded goes on answering
     */
    public function reloadIfChanged(?int $now = null): bool
    {
        $handle = $this->handle();
        $changed = $this->library->c->new('int');
        $now = $this->now($now);
        $this->library->check($this->library->c->interdict_gateway_reload_if_changed(
            $handle,
            $now,
            FFI::addr($changed),
            $this->library->errors(),
        ));
        return $changed->cdata !== 0;
    }

    /**
     * Screens the merchants that every list has for this, and one that none has, without receipts.
     *
     * @throws InterdictException `selftest` unless the first are found and the last is not
     */
    public function selftest(?int $now = null): void
    {
        $handle = $this->handle();
        $now = $this->now($now);
        $this->library->check($this->library->c->interdict_gateway_selftest($handle, $now, $this->library->errors()));
    }

    /**
     * What happens at a door, for whoever kept the words of a verdict and not the Verdict: see Decision::at().
     *
     * @param string|null $because the verdict's word
     * @param bool        $holds   whether this door can hold a merchant until a person has looked
     * @throws InterdictException `not_screened`; `invalid` for an unknown word
     */
    public static function decision(
        Action|string $action,
        ?string $because,
        Flow|string $flow,
        bool $holds = true,
    ): Decision {
        $action = $action instanceof Action ? $action : Action::tryFrom($action);
        $flow = $flow instanceof Flow ? $flow : Flow::tryFrom($flow);
        if ($action === null) {
            throw new InterdictException(ErrorKind::Invalid, 'an action is allow, monitor, review, hold_payout or block');
        }
        if ($flow === null) {
            throw new InterdictException(ErrorKind::Invalid, 'a flow is onboarding, authorisation, checkout or payout');
        }
        return Decision::at($flow, $action, $because, $holds);
    }

    /** Frees the engines. Every later call is `closed`, but it may be closed again. */
    public function close(): void
    {
        if (!$this->closed) {
            $this->closed = true;
            $this->kept?->forget();
            $this->library->c->interdict_gateway_close($this->handle);
        }
    }

    public function __destruct()
    {
        if ($this->kept === null || $this->closed) {
            $this->library->c->interdict_gateway_free($this->handle);
        }
    }

    /** One pool of engines has one owner. */
    private function __clone()
    {
    }

    private static function load(Library $library, string $state, ?string $policy, Options $options): CData
    {
        self::time($library, $options);
        $native = new Native($library, $policy, $options);
        $made = $library->c->new('interdict_gateway *');
        $errors = $library->errors();
        $options = FFI::addr($native->options);
        $library->check($library->c->interdict_gateway_open(self::path($state), $options, FFI::addr($made), $errors));
        return $made;
    }

    /** The only texts that C ends by a zero byte. */
    private static function path(string $path): string
    {
        if ($path === '' || \str_contains($path, "\0")) {
            throw new InterdictException(ErrorKind::Invalid, 'a path is neither empty nor has a zero byte');
        }
        return $path;
    }

    private function one(string $request, int $now): Verdict
    {
        $handle = $this->handle();
        $c = $this->library->c;
        $found = $c->new('struct interdict_verdict *');
        $errors = $this->library->errors();
        $now = $this->now($now);
        $length = \strlen($request);
        $result = $c->interdict_gateway_screen($handle, $request, $length, $now, FFI::addr($found), $errors);
        $this->library->check($result);
        try {
            $verdict = self::read($found);
            return $verdict instanceof Verdict ? $verdict
                : throw new InterdictException(ErrorKind::Answer, 'a refusal in place of a verdict');
        } finally {
            $c->interdict_verdict_free($found);
        }
    }

    /**
     * Reports the receipt of a refusal, which C hands out in a batch alone: there the same request at the same time has
     * the same receipt.
     */
    private function withReceipt(InterdictException $error, string $request, int $now): InterdictException
    {
        if ($error->refusal === null) {
            return $error;
        }
        try {
            [$again] = $this->ask([$request], $now);
        } catch (InterdictException) { // such as a clock that no message is asked with
            return $error;
        }
        if (!$again instanceof Refusal || $again->code !== $error->getCode()) {
            return $error;
        }
        $this->report($again);
        return new InterdictException(ErrorKind::Refused, $error->getMessage(), $again);
    }

    /** @return list<Verdict|Refusal> */
    private function ask(iterable|string $requests, ?int $now): array
    {
        $handle = $this->handle();
        [$lines, $count] = Lines::of($requests);
        if ($count === 0) {
            return [];
        }
        $c = $this->library->c;
        $found = $c->new('interdict_verdicts *');
        $errors = $this->library->errors();
        $now = $this->now($now);
        $length = \strlen($lines);
        $asked = $c->interdict_gateway_screen_batch($handle, $lines, $length, $now, FFI::addr($found), $errors);
        $this->library->check($asked);
        try {
            if ($c->interdict_verdicts_count($found) !== $count) {
                throw new InterdictException(ErrorKind::Answer, 'not every line was answered');
            }
            $answers = [];
            for ($index = 0; $index < $count; $index++) {
                $answers[] = self::read($c->interdict_verdicts_at($found, $index));
            }
            return $answers;
        } finally {
            $c->interdict_verdicts_free($found);
        }
    }

    /** What C has read of an answer, and the answer. */
    private static function read(CData $one): Verdict|Refusal
    {
        $json = FFI::string($one->answer->data, $one->answer->length);
        if ($one->code !== 0) {
            return Refusal::read($json);
        }
        $action = FFI::string($one->action);
        return Verdict::of($action, FFI::string($one->because), $one->score, $one->degraded !== 0, $json);
    }

    private function report(Verdict|Refusal $answer): void
    {
        if ($this->options->onReceipt !== null && ($receipt = $answer->receipt()) !== null) {
            ($this->options->onReceipt)($receipt, $answer);
        }
    }

    /** @return array<string, mixed> the object that a function writes */
    private function told(string $function, ?int $now): array
    {
        $handle = $this->handle();
        $text = $this->library->c->new('char *');
        $length = $this->library->c->new('size_t');
        $now = $this->now($now);
        $errors = $this->library->errors();
        $this->library->check(
            $this->library->c->$function($handle, $now, FFI::addr($text), FFI::addr($length), $errors),
        );
        return Json::read($this->library->take($text, $length->cdata));
    }

    private function now(?int $now): int
    {
        return self::time($this->library, $this->options, $now);
    }

    /** The time for C, which also its clock says from then on if PHP has a clock of its own. */
    private static function time(Library $library, Options $options, ?int $now = null): int
    {
        $time = Time::argument($now ?? ($options->clock === null ? null : Time::said($options->clock)));
        if ($options->clock !== null) {
            $library->time = $time;
        }
        return $time;
    }

    private function handle(): CData
    {
        return $this->closed ? throw new InterdictException(ErrorKind::Closed, 'the gateway was closed') : $this->handle;
    }
}
