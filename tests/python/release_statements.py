"""Reads the lists of parts (CycloneDX) and statements of provenance (in-toto, SLSA) of a release, with the libraries
of those formats. Prints what is wrong, and ends with 1 if anything is."""

import json
import multiprocessing
import pathlib
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from packageurl import PackageURL


def components(document):
    """Every part, also those inside others."""
    for component in document.get("components", []):
        yield component
        yield from components(component)


def check_bom(text):
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error is not None:
        raise ValueError(str(error))
    document = json.loads(text)
    # The schema knows nothing of references: each part has one of its own, and uses name parts.
    parts = [document["metadata"]["component"], *components(document)]
    references = [part["bom-ref"] for part in parts]
    if len(set(references)) != len(references):
        raise ValueError("two parts have one reference")
    for dependency in document["dependencies"]:
        for reference in [dependency["ref"], *dependency["dependsOn"]]:
            if reference not in references:
                raise ValueError(f"no part {reference}")
    for part in parts:
        if "purl" in part:
            PackageURL.from_string(part["purl"])
    Bom.from_json(document)
    return f"{len(references)} parts"


def check_statement(text):
    message = json_format.Parse(text, StatementMessage())
    Statement.copy_from_pb(message).validate()
    predicate = json.loads(text)["predicate"]
    provenance = json_format.Parse(json.dumps(predicate), Provenance())
    # What SLSA v1 requires.
    build = provenance.build_definition
    if not build.build_type or not build.external_parameters or not provenance.run_details.builder.id:
        raise ValueError("a build needs its type, its parameters and a builder")
    return f"{len(message.subject)} files"


def check(name):
    """What to print about a file, and whether it is right."""
    path = pathlib.Path(name)
    text = path.read_text(encoding="utf-8")
    read = check_statement if "_type" in json.loads(text) else check_bom
    try:
        return f"{path.name}: {read(text)}", True
    except Exception as error:
        return f"{path.name}: wrong: {str(error).splitlines()[0]}", False


def main():
    # Seconds for a list of four hundred parts.
    with multiprocessing.Pool() as pool:
        results = pool.map(check, sys.argv[1:], chunksize=1)
    for line, _ in results:
        print(line)
    return 0 if all(is_right for _, is_right in results) else 1


if __name__ == "__main__":
    sys.exit(main())
