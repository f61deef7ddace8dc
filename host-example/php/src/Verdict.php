<?php

declare(strict_types=1);

namespace Interdict;

/** The module's verdict on one request (docs/abi.md, screen). An error is never one. */
final class Verdict
{
    /**
     * @param Action                     $action   what to do
     * @param string|null                $because  why, in one word, if the action is above `allow` (docs/scoring.md)
     * @param int                        $score    0 to 1000
     * @param bool                       $degraded a list that must answer could not in full, or time or state is in doubt
     * @param list<array<string, mixed>> $reasons  what speaks for it
     * @param list<array<string, mixed>> $lists    the lists that were asked, with their age
     * @param array<string, mixed>       $members  the whole answer, which may gain members
     * @param string                     $json     the answer as the module wrote it
     */
    private function __construct(
        public readonly Action $action,
        public readonly ?string $because,
        public readonly int $score,
        public readonly bool $degraded,
        public readonly array $reasons,
        public readonly array $lists,
        public readonly array $members,
        public readonly string $json,
    ) {
    }

    /**
     * What happens at a door: the table of docs/abi.md. If the door cannot hold, a merchant whom a list names is
     * refused, and otherwise nobody has screened.
     *
     * @param bool $holds whether this door can hold a merchant until a person has looked
     * @throws InterdictException `not_screened`
     */
    public function decision(Flow $flow, bool $holds = true): Decision
    {
        return Decision::at($flow, $this->action, $this->because, $holds);
    }

    /** The receipt as JSON, to be kept; null if the gateway writes none. */
    public function receipt(): ?string
    {
        return Json::member($this->json, 'receipt');
    }

    /**
     * Reads an answer to `screen`.
     *
     * @internal
     * @throws InterdictException `answer`
     */
    public static function read(string $json): self
    {
        $answer = Json::read($json);
        $action = \is_string($answer['action'] ?? null) ? Action::tryFrom($answer['action']) : null;
        if ($action === null || !\is_bool($answer['degraded'] ?? null)) {
            throw new InterdictException(ErrorKind::Answer, 'the module\'s answer is not one this host understands');
        }
        $because = $answer['because'] ?? null;
        return new self(
            $action,
            \is_string($because) ? $because : null,
            \is_int($answer['score'] ?? null) ? $answer['score'] : 0,
            $answer['degraded'],
            \is_array($answer['reasons'] ?? null) ? $answer['reasons'] : [],
            \is_array($answer['lists'] ?? null) ? $answer['lists'] : [],
            $answer,
            $json,
        );
    }
}
