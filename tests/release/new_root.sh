#!/usr/bin/env bash
# new_root.sh RELEASE README.sh: in a new root of Debian without Rust or any other language, runs the commands of the
# release's README, installs the Debian packages, serves a coalition as their unit says, and runs the image with a
# read-only root. Needs root, debootstrap and skopeo. Nothing of the machine but its network is used.
set -euo pipefail
release=$1
readme=$2
room=$(mktemp -d)
root=$room/root
mounted=()
end() {
  for place in "${mounted[@]}"; do umount "$place" || true; done
  rm -rf "$room"
}
trap end EXIT

inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }

debootstrap --variant=minbase bookworm "$root" >"$room/debootstrap.log" || { tail "$room/debootstrap.log"; exit 1; }
mount -t proc proc "$root/proc" && mounted+=("$root/proc")
for name in rustc cargo python3 node java go; do
  if inside which "$name"; then echo "the new root has $name" >&2; exit 1; fi
done
cp -r "$release" "$root/release"
cp "$readme" "$root/readme.sh"

echo "== the README, in $(. "$root/etc/os-release" && echo "$PRETTY_NAME")"
start=$SECONDS
inside sh -c 'cd /release && . /readme.sh'
echo "== $((SECONDS - start)) s"

echo "== the Debian packages"
start=$SECONDS
inside sh -c 'dpkg --install /release/interdict_*_amd64.deb /release/interdict-publish_*_amd64.deb'
inside sh -ec '
cd /var/lib/interdict
mkdir /srv/coalition && chown interdict-publish /srv/coalition
publish() { runuser -u interdict-publish -- interdict-publish "$@"; }
gateway() { runuser -u interdict -- interdict "$@"; }
cd /srv/coalition
publish init se --coalition se
publish source add se police.example --class police
printf "kind,value,category,action\ndomain,hidden-shop.example,csae,block\n" > listings.csv
publish import se listings.csv --source police.example
cd /var/lib/interdict
gateway member-key > /srv/coalition/recipient.txt
cd /srv/coalition
publish member add se gateway-1 --repository file:///srv/coalition/se/repository --recipient "$(cat recipient.txt)"
publish release se --first
chmod a+rx /srv/coalition /srv/coalition/se && chmod -R a+rX se/repository
cp gateway-1.enrolment.json /var/lib/interdict && chown interdict /var/lib/interdict/gateway-1.enrolment.json
cd /var/lib/interdict
gateway enrol gateway-1.enrolment.json
mv gateway.toml /etc/interdict/
chgrp interdict /etc/interdict/gateway.toml && chmod 640 /etc/interdict/gateway.toml
sed -i "s|^state = .*|state = \"/var/lib/interdict/state\"|" /etc/interdict/gateway.toml
gateway refresh --config /etc/interdict/gateway.toml
gateway check --config /etc/interdict/gateway.toml hidden-shop.example && exit 1
# As the unit of systemd starts it.
gateway serve --config /etc/interdict/gateway.toml --new-client payments > client.txt
cat client.txt
unit=$(sed -n "s/^ExecStart=//p" /usr/lib/systemd/system/interdict.service)
runuser -u interdict -- $unit > serve.log 2>&1 &
service=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  if gateway probe --config /etc/interdict/gateway.toml; then break; fi
  sleep 1
done
gateway probe --config /etc/interdict/gateway.toml || { cat serve.log; exit 1; }
kill $service; wait $service || true
dpkg --remove interdict interdict-publish
test -d /var/lib/interdict/state
'
echo "== $((SECONDS - start)) s"

if ! [ -e "$release"/interdict-*-aarch64-linux.tar.gz ]; then
  echo "== the image is not run: the commands of this release need the libraries of the machine that built them"
  exit 0
fi
echo "== the image"
version=$(basename "$release"/interdict-*-image.oci.tar -image.oci.tar)
version=${version#interdict-}
for processor in amd64 arm64; do
  skopeo --override-arch "$processor" inspect --format '{{.Architecture}} {{.Created}}' "oci-archive:$release/interdict-$version-image.oci.tar:$version"
done
skopeo --override-arch amd64 copy --quiet "oci-archive:$release/interdict-$version-image.oci.tar:$version" "dir:$room/image"
mkdir "$room/container"
for layer in $(sed 's/,/\n/g' "$room/image/manifest.json" | sed -n '/layer/,$ s/.*sha256:\([0-9a-f]*\).*/\1/p'); do
  tar -xzf "$room/image/$layer" -C "$room/container"
done
mount --bind "$room/container" "$room/container" && mounted+=("$room/container")
mount -o remount,ro,bind "$room/container"
# As podman gives it to a container with a read-only root; only the trial needs it.
mount -t tmpfs tmpfs "$room/container/tmp" && mounted=("$room/container/tmp" "${mounted[@]}")
chroot --userspec=65532:65532 "$room/container" /usr/bin/interdict --version --json
chroot --userspec=65532:65532 "$room/container" /usr/bin/interdict try --screen block.listed.test || test $? -eq 1
chroot --userspec=65532:65532 "$room/container" /usr/bin/interdict serve --try > "$room/serve.log" 2>&1 &
service=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  if curl --silent --fail http://127.0.0.1:8470/readyz >/dev/null; then break; fi
  sleep 1
done
curl --silent --fail http://127.0.0.1:8470/v1/screen -d '{"flow":"payout","identifiers":[{"kind":"domain","value":"block.listed.test"}]}' | grep -o '"action":"block"' || { cat "$room/serve.log"; exit 1; }
kill "$service"; wait "$service" || true
echo "all is well"
