#!/bin/sh
# Makes a new program outside the repository from the packed artefact and the README alone, and screens a merchant:
# fresh.sh [PACKAGES]. With PACKAGES, the artefact comes from that folder, a Maven repository. Otherwise run build.sh first.
# OFFLINE=1 fetches nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
package=$root/host-example/java
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
maven="mvn -q -B ${OFFLINE:+-o}"

# What the README's block with this title has.
block() {
  awk -v title="$1" '$0 ~ "^```[a-z]+ " title "$" {on = 1; next} on && /^```$/ {exit} on' "$package/README.md"
}

grep -q '^mvn -q install$' "$package/README.md"
mkdir -p "$room/shop/src/main/java"
if [ $# -gt 0 ]; then
  packages=$(cd "$1" && pwd)
  jar=$packages/example/interdict/interdict-host/0.2.0/interdict-host-0.2.0.jar
  # What an earlier build installed would come before it.
  rm -rf "$HOME/.m2/repository/example/interdict/interdict-host"
else
  packages=
  jar=$package/target/interdict-host-0.2.0.jar
  $maven org.apache.maven.plugins:maven-install-plugin:3.1.4:install-file -Dfile="$jar" -DpomFile="$package/pom.xml"
fi
cd "$room/shop"
block Shop.java >src/main/java/Shop.java
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>shop</groupId><artifactId>shop</artifactId>'
  test -z "$packages" || block repository | sed "s|file:[^<]*|file://$packages|"
  echo '<version>1</version><properties><maven.compiler.release>17</maven.compiler.release></properties><dependencies>'
  block dependency
  echo '</dependencies></project>'
} >pom.xml
$maven org.apache.maven.plugins:maven-resources-plugin:3.3.1:resources \
  org.apache.maven.plugins:maven-compiler-plugin:3.14.1:compile \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=target/lib
cmp "$jar" target/lib/interdict-host-0.2.0.jar
# The repositories of the fixtures expire, and saved files do not: the state is as after an earlier refresh.
mkdir -p state/se/generation-1
cp "$root/fixtures/generation/files/"* state/se/generation-1/
sed "s|https://lists.example/se|file:$room/nowhere|" "$root/fixtures/generation/enrolment.json" >se.enrolment.json
cp se.enrolment.json state/se/
echo 1 >state/se/current
said=$(java -cp "target/classes:target/lib/*" Shop)
echo "$said"
case $said in *"BLOCK: REFUSE") echo "1 passed, 0 failed" ;; *) echo "0 passed, 1 failed"; exit 1 ;; esac
