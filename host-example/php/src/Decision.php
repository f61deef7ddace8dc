<?php

declare(strict_types=1);

namespace Interdict;

/** What happens at a door. There is no value for "not screened": that is an InterdictException. */
enum Decision: string
{
    case Pass = 'pass';
    case Hold = 'hold';
    case Refuse = 'refuse';
}
