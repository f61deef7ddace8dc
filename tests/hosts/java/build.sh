#!/bin/sh
# Builds the Java host, and the program that drives it in the shared tests, into host-example/java/target.
# OFFLINE=1 fetches nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
package=$here/../../../host-example/java
cd "$package"
maven="mvn -q -B ${OFFLINE:+-o}"
$maven ${SKIP_TESTS:+-DskipTests -Dmaven.javadoc.skip=true} package
$maven org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DincludeScope=runtime \
  -DoutputDirectory=target/lib -Dmdep.prependGroupId=false
mkdir -p target/driver
javac -Xlint:all -Werror -d target/driver -cp "target/interdict-host-0.2.0.jar:target/lib/*" "$here"/*.java
