<?php

declare(strict_types=1);

namespace Interdict;

/** Why there is no answer. The same words in every language of this project. */
enum ErrorKind: string
{
    /** The module refused the message; `InterdictException::$refusal` says why. */
    case Refused = 'refused';
    /** The module trapped. The gateway has replaced the instance. */
    case Trapped = 'trapped';
    /** The module has other imports or exports than docs/abi.md allows, or cannot be run here. */
    case ForeignModule = 'foreign_module';
    /** An answer that this host does not understand. */
    case Answer = 'answer';
    /** There is no state directory, or none of a coalition. */
    case StoreMissing = 'store_missing';
    case StoreDamaged = 'store_damaged';
    /** Another process writes the state directory. Try again later. */
    case StoreBusy = 'store_busy';
    /** The store has this coalition with another enrolment; `interdict enrol FILE` merges them. */
    case EnrolmentDiffers = 'enrolment_differs';
    /** A door that cannot hold was asked to hold, and no list names the merchant. */
    case NotScreened = 'not_screened';
    case Selftest = 'selftest';
    /** The gateway was closed. */
    case Closed = 'closed';
    /** A bad argument; the module was not asked. */
    case Invalid = 'invalid';
    /** The C library could not be loaded, has another version, or reported a word that is not known here. */
    case Library = 'library';
}
