mod enrolment;
mod epochs;
mod rotation;
mod sealed;
mod secrets;
