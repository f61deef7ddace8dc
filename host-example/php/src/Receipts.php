<?php

declare(strict_types=1);

namespace Interdict;

/** Which answers carry a receipt (docs/scoring.md). */
enum Receipts: string
{
    case Always = 'always';
    /** Verdicts with any action but `allow`, and refusals. */
    case Findings = 'findings';
    case Never = 'never';
}
