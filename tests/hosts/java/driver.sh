#!/bin/sh
# Speaks lines of JSON: driver.sh [FIXTURES]. Run build.sh first.
package=$(cd "$(dirname "$0")" && pwd)/../../../host-example/java/target
exec java ${JAVA_OPTIONS:-} -cp "$package/driver:$package/interdict-host-0.2.0.jar:$package/lib/*" Driver "$@"
