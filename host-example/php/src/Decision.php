<?php

declare(strict_types=1);

namespace Interdict;

/** What happens at a door. There is no value for "not screened": that is an InterdictException. */
enum Decision: string
{
    case Pass = 'pass';
    case Hold = 'hold';
    case Refuse = 'refuse';

    /**
     * The table of docs/abi.md. If the door cannot hold, a merchant whom a list names is refused, and otherwise nobody
     * has screened.
     *
     * @param string|null $because the verdict's word
     * @param bool        $holds   whether this door can hold a merchant until a person has looked
     * @throws InterdictException `not_screened`
     */
    public static function at(Flow $flow, Action $action, ?string $because, bool $holds = true): self
    {
        if ($action === Action::Allow || $action === Action::Monitor) {
            return self::Pass;
        }
        if ($action === Action::Block) {
            return self::Refuse;
        }
        return match (true) {
            $flow === Flow::Authorisation, $flow === Flow::Checkout => self::Pass,
            $holds => self::Hold,
            $because === 'record', $because === 'candidate' => self::Refuse,
            default => throw new InterdictException(
                ErrorKind::NotScreened,
                'this door cannot hold, and nothing that was found is a listing',
            ),
        };
    }
}
