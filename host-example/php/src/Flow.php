<?php

declare(strict_types=1);

namespace Interdict;

/** The door at which a merchant stands. */
enum Flow: string
{
    case Onboarding = 'onboarding';
    case Authorisation = 'authorisation';
    case Checkout = 'checkout';
    case Payout = 'payout';
}
