<?php

declare(strict_types=1);

namespace Interdict;

/** What a verdict asks the shop to do, from the mildest to the strictest. */
enum Action: string
{
    case Allow = 'allow';
    case Monitor = 'monitor';
    case Review = 'review';
    case HoldPayout = 'hold_payout';
    case Block = 'block';
}
