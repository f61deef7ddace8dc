mod enrolment;
mod epochs;
mod rotation;
mod secrets;
