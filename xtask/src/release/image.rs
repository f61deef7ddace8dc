//! Layouts of the Open Container Initiative (image specification 1.1), each in one tar file: the image of the service,
//! and the modules as artefacts. No daemon is needed to make or to read them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flate2::{Compression, GzBuilder};
use interdict_core::common::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use crate::shell::root;

use super::origin::Origin;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const WASM: &str = "application/wasm";
const NAME: &str = "org.opencontainers.image.ref.name";

/// Whoever runs the image: nobody who owns anything but its state.
const USER: u64 = 65532;

/// The blobs of a layout, and what its index names.
#[derive(Default)]
struct Layout {
    blobs: Vec<(String, Vec<u8>)>,
    named: Vec<Value>,
}

impl Layout {
    /// Adds a blob and describes it.
    fn add(&mut self, media: &str, content: Vec<u8>) -> Value {
        let digest = digest(&content);
        let size = content.len();
        if !self.blobs.iter().any(|(known, _)| *known == digest) {
            self.blobs.push((digest.clone(), content));
        }
        json!({"mediaType": media, "digest": format!("sha256:{digest}"), "size": size})
    }

    fn add_json(&mut self, media: &str, content: &Value) -> Value {
        self.add(media, content.to_string().into_bytes())
    }

    /// Gives a descriptor a name in the index.
    fn name(&mut self, mut descriptor: Value, name: &str) {
        descriptor["annotations"] = json!({NAME: name});
        self.named.push(descriptor);
    }

    fn write(mut self, to: &Path, time: u64) -> Result<()> {
        let mut archive =
            Builder::new(fs::File::create(to).with_context(|| to.display().to_string())?);
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": self.named});
        for folder in ["blobs/", "blobs/sha256/"] {
            add_folder(&mut archive, folder, (0, 0o755), time)?;
        }
        self.blobs.sort();
        for (digest, content) in &self.blobs {
            add_file(
                &mut archive,
                &format!("blobs/sha256/{digest}"),
                content,
                0o644,
                time,
            )?;
        }
        add_file(
            &mut archive,
            "index.json",
            index.to_string().as_bytes(),
            0o644,
            time,
        )?;
        add_file(
            &mut archive,
            "oci-layout",
            br#"{"imageLayoutVersion":"1.0.0"}"#,
            0o644,
            time,
        )?;
        archive.into_inner()?.flush()?;
        Ok(())
    }
}

/// Writes the image of the service for each architecture, as Debian names it, with the folder that has the command.
pub(super) fn write(origin: &Origin, commands: &[(&str, PathBuf)], to: &Path) -> Result<()> {
    let mut layout = Layout::default();
    let mut manifests = Vec::new();
    for (architecture, programs) in commands {
        let layer = layer(&programs.join("interdict"), origin.time)?;
        let plain = digest(&layer);
        let layer = layout.add(LAYER, gzip(&layer)?);
        let config = config(origin, architecture, &plain)?;
        let config = layout.add_json(CONFIG, &config);
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer],
            "annotations": annotations(origin)?,
        });
        let mut descriptor = layout.add_json(MANIFEST, &manifest);
        descriptor["platform"] = json!({"architecture": architecture, "os": "linux"});
        manifests.push(descriptor);
    }
    let index = json!({
        "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": annotations(origin)?,
    });
    let index = layout.add_json(INDEX, &index);
    layout.name(index, &origin.version);
    layout.write(to, origin.time)
}

/// Writes the committed modules as artefacts: one layer each, without a configuration.
pub(super) fn write_modules(origin: &Origin, to: &Path) -> Result<()> {
    let mut layout = Layout::default();
    for name in ["interdict", "interdict-edge"] {
        let file = root().join(format!("wasm/dist/{name}.wasm"));
        let module = fs::read(&file).with_context(|| file.display().to_string())?;
        let mut layer = layout.add(WASM, module);
        layer["annotations"] = json!({"org.opencontainers.image.title": format!("{name}.wasm")});
        let config = layout.add(EMPTY, b"{}".to_vec());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": WASM, "config": config, "layers": [layer],
            "annotations": annotations(origin)?,
        });
        let manifest = layout.add_json(MANIFEST, &manifest);
        layout.name(manifest, &format!("{name}-{}", origin.version));
    }
    layout.write(to, origin.time)
}

fn annotations(origin: &Origin) -> Result<Value> {
    Ok(json!({
        "org.opencontainers.image.created": origin.date()?,
        "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
        "org.opencontainers.image.revision": origin.commit,
        "org.opencontainers.image.title": "Interdict",
        "org.opencontainers.image.version": origin.version,
    }))
}

fn config(origin: &Origin, architecture: &str, layer: &str) -> Result<Value> {
    let created = origin.date()?;
    Ok(json!({
        "created": created,
        "architecture": architecture,
        "os": "linux",
        "config": {
            "User": format!("{USER}:{USER}"),
            "ExposedPorts": {"8470/tcp": {}},
            "Entrypoint": ["/usr/bin/interdict"],
            "Cmd": ["serve", "--config", "/etc/interdict/gateway.toml"],
            "WorkingDir": "/var/lib/interdict",
            "Labels": annotations(origin)?,
        },
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{layer}")]},
        "history": [{"created": created, "created_by": "cargo xtask release"}],
    }))
}

/// All that is in the image: the command, a user, and the folders that it may be given.
fn layer(program: &Path, time: u64) -> Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    let program = fs::read(program).with_context(|| program.display().to_string())?;
    let passwd = format!(
        "root:x:0:0:root:/:/usr/sbin/nologin\ninterdict:x:{USER}:{USER}:Interdict:/var/lib/interdict:/usr/sbin/nologin\n"
    );
    let group = format!("root:x:0:\ninterdict:x:{USER}:\n");
    add_folder(&mut archive, "etc/", (0, 0o755), time)?;
    add_file(&mut archive, "etc/group", group.as_bytes(), 0o644, time)?;
    add_folder(&mut archive, "etc/interdict/", (0, 0o755), time)?;
    add_file(&mut archive, "etc/passwd", passwd.as_bytes(), 0o644, time)?;
    add_folder(&mut archive, "tmp/", (0, 0o1777), time)?;
    for folder in ["usr/", "usr/bin/"] {
        add_folder(&mut archive, folder, (0, 0o755), time)?;
    }
    add_file(&mut archive, "usr/bin/interdict", &program, 0o755, time)?;
    for folder in ["var/", "var/lib/"] {
        add_folder(&mut archive, folder, (0, 0o755), time)?;
    }
    add_folder(&mut archive, "var/lib/interdict/", (USER, 0o700), time)?;
    Ok(archive.into_inner()?)
}

fn add_folder<W: std::io::Write>(
    archive: &mut Builder<W>,
    name: &str,
    (owner, mode): (u64, u32),
    time: u64,
) -> Result<()> {
    let mut header = header(EntryType::Directory, owner, mode, time);
    header.set_size(0);
    archive.append_data(&mut header, name, std::io::empty())?;
    Ok(())
}

fn add_file<W: std::io::Write>(
    archive: &mut Builder<W>,
    name: &str,
    content: &[u8],
    mode: u32,
    time: u64,
) -> Result<()> {
    let mut header = header(EntryType::Regular, 0, mode, time);
    header.set_size(u64::try_from(content.len())?);
    archive.append_data(&mut header, name, content)?;
    Ok(())
}

fn header(kind: EntryType, owner: u64, mode: u32, time: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(owner);
    header.set_gid(owner);
    header.set_mtime(time);
    header
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    gzip.write_all(content)?;
    Ok(gzip.finish()?)
}

/// SHA-256 in hexadecimal digits.
fn digest(content: &[u8]) -> String {
    hex::text(&Sha256::digest(content))
}
