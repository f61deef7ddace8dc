<?php

declare(strict_types=1);

namespace Interdict;

/** The module's verdict on one request (docs/abi.md, screen). An error is never one. */
final class Verdict
{
    /**
     * @param Action      $action   what to do
     * @param string|null $because  why, in one word, if the action is above `allow` (docs/scoring.md)
     * @param int         $score    0 to 1000
     * @param bool        $degraded a list that must answer could not in full, or time or state is in doubt
     * @param string      $json     the answer as the module wrote it
     */
    private function __construct(
        public readonly Action $action,
        public readonly ?string $because,
        public readonly int $score,
        public readonly bool $degraded,
        public readonly string $json,
    ) {
    }

    /**
     * What happens at a door: see Decision::at().
     *
     * @param bool $holds whether this door can hold a merchant until a person has looked
     * @throws InterdictException `not_screened`
     */
    public function decision(Flow $flow, bool $holds = true): Decision
    {
        return Decision::at($flow, $this->action, $this->because, $holds);
    }

    /**
     * What speaks for the action.
     *
     * @return list<array<string, mixed>>
     */
    public function reasons(): array
    {
        return $this->members()['reasons'] ?? [];
    }

    /**
     * The lists that were asked, with their age.
     *
     * @return list<array<string, mixed>>
     */
    public function lists(): array
    {
        return $this->members()['lists'] ?? [];
    }

    /**
     * The whole answer, which later versions of the module may add to.
     *
     * @return array<string, mixed>
     */
    public function members(): array
    {
        return Json::read($this->json);
    }

    /** The receipt as JSON, to be kept; null if the gateway writes none. */
    public function receipt(): ?string
    {
        return Json::member($this->json, 'receipt');
    }

    /**
     * A verdict as the C library has read it.
     *
     * @internal
     * @throws InterdictException `answer` if the action is none
     */
    public static function of(string $action, string $because, int $score, bool $degraded, string $json): self
    {
        $action = Action::tryFrom($action)
            ?? throw new InterdictException(ErrorKind::Answer, 'the module\'s answer is not one this host understands');
        return new self($action, $because === '' ? null : $because, $score, $degraded, $json);
    }
}
