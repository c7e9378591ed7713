//! The archive as a file: written once from front to end, read twice: first all of it against its signed list, then to import.

use super::error::{Refused, Result};
use super::key::TransferKey;
use super::manifest::{FORMAT, LIST, Manifest, Part, SIGNATURE, Section, VERSION};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A part is closed when it has this many bytes: what is held in memory at once.
const PART: usize = 4 * 1024 * 1024;
/// The most of a list of parts that is read into memory.
const LONGEST_LIST: u64 = 64 * 1024 * 1024;
/// What is read at once.
const BLOCK: usize = 64 * 1024;

/// An archive that is being written. It has its name once it is whole.
pub(super) struct Writer {
    tar: tar::Builder<GzEncoder<BufWriter<File>>>,
    name: PathBuf,
    unfinished: Option<PathBuf>,
    at: u64,
}

impl Writer {
    /// A new file, which only its owner can read; nothing is overwritten.
    pub fn create(name: &Path, at: u64) -> Result<Self> {
        if name.exists() {
            return Err(Refused::FileThere(name.to_owned()).into());
        }
        let mut unfinished = name.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        Ok(Self {
            tar: tar::Builder::new(GzEncoder::new(BufWriter::new(file), Compression::default())),
            name: name.to_owned(),
            unfinished: Some(unfinished),
            at,
        })
    }

    fn add(&mut self, file: &str, body: &[u8]) -> Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(body.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.at);
        Ok(self.tar.append_data(&mut header, file, body)?)
    }

    /// The list and its signature, and the file gets its name.
    pub fn finish(mut self, manifest: &Manifest, key: &TransferKey) -> Result<()> {
        let list = serde_json::to_vec_pretty(manifest).map_err(std::io::Error::from)?;
        self.add(LIST, &list)?;
        self.add(SIGNATURE, format!("{}\n", key.sign(&list)).as_bytes())?;
        self.tar.finish()?;
        let file = self.tar.get_mut().try_finish().and_then(|()| {
            self.tar.get_mut().get_mut().flush()?;
            self.tar.get_ref().get_ref().get_ref().sync_all()
        });
        file?;
        if let Some(unfinished) = &self.unfinished {
            std::fs::rename(unfinished, &self.name)?;
        }
        self.unfinished = None;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.unfinished {
            let _ = std::fs::remove_file(unfinished);
        }
    }
}

/// A table that is being written.
pub(super) struct Filling<'w> {
    writer: &'w mut Writer,
    section: Section,
    rows: Vec<u8>,
}

impl<'w> Filling<'w> {
    pub fn new(writer: &'w mut Writer, section: Section) -> Self {
        Self {
            writer,
            section,
            rows: Vec::new(),
        }
    }

    /// One record, with its end of line.
    pub fn row(&mut self, record: &[u8]) -> Result<()> {
        if self.rows.is_empty() {
            self.rows.extend_from_slice(self.section.header().as_bytes());
        }
        self.rows.extend_from_slice(record);
        self.section.rows += 1;
        if self.rows.len() >= PART { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> Result<()> {
        let body = std::mem::take(&mut self.rows);
        let Section {
            folder, table, parts, ..
        } = &mut self.section;
        let file = format!("{}/{table}.{:04}.csv", folder.as_str(), parts.len() + 1);
        self.writer.add(&file, &body)?;
        parts.push(Part {
            bytes: body.len() as u64,
            sha256: hex::encode(Sha256::digest(&body)),
            file,
        });
        Ok(())
    }

    pub fn end(mut self) -> Result<Section> {
        if !self.rows.is_empty() {
            self.close()?;
        }
        Ok(self.section)
    }
}

/// An archive that is read.
pub(super) struct Reader(tar::Archive<MultiGzDecoder<BufReader<File>>>);

impl Reader {
    pub fn open(file: &Path) -> Result<Self> {
        let file = BufReader::new(File::open(file)?);
        Ok(Self(tar::Archive::new(MultiGzDecoder::new(file))))
    }

    /// Its files, from the first on.
    pub fn parts(&mut self) -> Result<impl Iterator<Item = Result<Reading<'_>>>> {
        let entries = self.0.entries().map_err(cut_off)?;
        Ok(entries.map(|entry| {
            let entry = entry.map_err(cut_off)?;
            let file = entry.path().map_err(cut_off)?.display().to_string();
            Ok(Reading {
                body: Box::new(entry),
                file,
                bytes: 0,
                digest: Sha256::new(),
            })
        }))
    }
}

/// A file of it that is read, and what it came to so far.
pub(super) struct Reading<'a> {
    pub file: String,
    body: Box<dyn Read + 'a>,
    bytes: u64,
    digest: Sha256,
}

impl Reading<'_> {
    /// Some bytes more; none at the end.
    pub fn block(&mut self) -> Result<Vec<u8>> {
        let mut block = Vec::with_capacity(BLOCK);
        (&mut self.body)
            .take(BLOCK as u64)
            .read_to_end(&mut block)
            .map_err(cut_off)?;
        self.bytes += block.len() as u64;
        self.digest.update(&block);
        Ok(block)
    }

    /// What it came to.
    pub fn end(self) -> Part {
        Part {
            file: self.file,
            bytes: self.bytes,
            sha256: hex::encode(self.digest.finalize()),
        }
    }

    fn whole(mut self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        (&mut self.body)
            .take(LONGEST_LIST)
            .read_to_end(&mut all)
            .map_err(cut_off)?;
        Ok(all)
    }
}

/// Reads an archive from front to end and holds every file of it against the list that the key signed.
///
/// # Errors
/// Whatever is not as it was exported.
pub fn verified(file: &Path, key: &TransferKey) -> Result<Manifest> {
    let (mut parts, mut list, mut signature) = (Vec::new(), Vec::new(), Vec::new());
    for reading in Reader::open(file)?.parts()? {
        let mut reading = reading?;
        match reading.file.as_str() {
            LIST => list = reading.whole()?,
            SIGNATURE => signature = reading.whole()?,
            _ => {
                while !reading.block()?.is_empty() {}
                parts.push(reading.end());
            }
        }
    }
    if list.is_empty() || signature.is_empty() {
        return Err(Refused::NotWhole(format!("{LIST} or {SIGNATURE} is missing")).into());
    }
    if !key.signed(&list, &signature) {
        return Err(Refused::Signature.into());
    }
    let manifest = read(&list)?;
    let expected: Vec<&Part> = manifest.sections.iter().flat_map(|s| &s.parts).collect();
    let changed = (0..expected.len().max(parts.len())).find(|i| expected.get(*i).copied() != parts.get(*i));
    if let Some(i) = changed {
        let named = expected.get(i).copied().or(parts.get(i)).map(|p| p.file.clone());
        return Err(Refused::Changed(named.unwrap_or_default()).into());
    }
    Ok(manifest)
}

fn read(list: &[u8]) -> Result<Manifest> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    let unreadable = |e: serde_json::Error| Refused::NotWhole(format!("{LIST}: {e}"));
    let head: Head = serde_json::from_slice(list).map_err(unreadable)?;
    if head.format != FORMAT {
        return Err(Refused::NotWhole(format!("it is a “{}”", head.format)).into());
    }
    if head.version != VERSION {
        return Err(Refused::Format(head.version).into());
    }
    Ok(serde_json::from_slice(list).map_err(unreadable)?)
}

/// What gzip and tar say of a file that is no archive, or of half of one.
fn cut_off(e: std::io::Error) -> Refused {
    Refused::NotWhole(e.to_string())
}
