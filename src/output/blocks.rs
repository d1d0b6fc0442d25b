//! Blocks of runs on disk: what an ensemble has done so far, so that it can continue after any stop.
//!
//! A block is one file: a head of little-endian numbers, the runs, draws and values as little-endian `f64`
//! (values column after column), a byte for each claim and run, the failed runs as JSON, and a SHA-256 of all that. It carries the hash of its
//! design, so blocks of another scenario, seed or version are never mixed in.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::OutputError;
use crate::experiment::sketch::Sketch;
use crate::run::ensemble::Block;

const MAGIC: &[u8; 8] = b"aimblk02";
const SKETCH_MAGIC: &[u8; 8] = b"aimsum01";
const HEAD: usize = 8 + 32 + 7 * 8;

/// A folder of blocks of one design.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    design: [u8; 32],
}

/// The head of a block on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    index: u64,
    attempted: u64,
    runs: usize,
    draws: usize,
    columns: usize,
    claims: usize,
    failed_bytes: usize,
}

impl Head {
    fn parse(bytes: &[u8], design: &[u8; 32]) -> Option<Head> {
        if bytes.len() < HEAD || &bytes[..8] != MAGIC || &bytes[8..40] != design {
            return None;
        }
        let mut words = bytes[40..HEAD].chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
        let mut next = || words.next();
        let (index, attempted) = (next()?, next()?);
        let mut size = || next().and_then(|n| usize::try_from(n).ok());
        let (runs, draws, columns, claims, failed_bytes) = (size()?, size()?, size()?, size()?, size()?);
        Some(Head { index, attempted, runs, draws, columns, claims, failed_bytes })
    }
    fn values_at(&self) -> usize {
        HEAD + 8 * self.runs + 8 * self.runs * self.draws
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f64> {
    bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap_or_default()))
}

/// Adds the checksum and puts a file in its place in one move.
pub(super) fn place(path: &Path, mut bytes: Vec<u8>) -> Result<(), OutputError> {
    let sum = Sha256::digest(&bytes);
    bytes.extend(sum.as_slice());
    let part = path.with_extension("part");
    fs::write(&part, &bytes).map_err(OutputError::file(&part))?;
    fs::rename(&part, path).map_err(OutputError::file(path))
}

/// The content of a file that [`place`] has written, without its checksum; `None` where it is missing, cut short or changed.
pub(super) fn placed(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let sum = bytes.split_off(bytes.len().checked_sub(32)?);
    (Sha256::digest(&bytes).as_slice() == sum).then_some(bytes)
}

impl Store {
    /// Blocks of the design with this hash in `folder`, which is made.
    pub fn open(folder: &Path, design: [u8; 32]) -> Result<Store, OutputError> {
        fs::create_dir_all(folder).map_err(OutputError::file(folder))?;
        Ok(Store { folder: folder.to_path_buf(), design })
    }

    /// The file of a block.
    pub fn path(&self, index: u64) -> PathBuf {
        self.folder.join(format!("{index:08}.block"))
    }
    fn sketches_path(&self) -> PathBuf {
        self.folder.join("summary.sketch")
    }

    /// Writes a block, its first `saved` columns; it appears whole or not at all.
    pub fn write(&self, block: &Block, saved: usize) -> Result<(), OutputError> {
        let path = self.path(block.index);
        let runs = block.runs.len();
        let failed = serde_json::to_vec(&block.failed).map_err(|e| OutputError::table(&path, e))?;
        let plain = 8 * (runs + block.draws.len() + saved * runs) + block.verdicts.len();
        let mut bytes = Vec::with_capacity(HEAD + plain + failed.len() + 32);
        bytes.extend(MAGIC);
        bytes.extend(self.design);
        let each = |length: usize| length.checked_div(runs).unwrap_or(0) as u64;
        let (draws, claims) = (each(block.draws.len()), each(block.verdicts.len()));
        let head = [block.index, block.attempted, runs as u64, draws, saved as u64, claims, failed.len() as u64];
        head.iter().chain(&block.runs).for_each(|word| bytes.extend(word.to_le_bytes()));
        let values = &block.values[..saved * runs];
        block.draws.iter().chain(values).for_each(|value| bytes.extend(value.to_le_bytes()));
        bytes.extend(&block.verdicts);
        bytes.extend(failed);
        place(&path, bytes)
    }

    /// Reads a block; `None` when it is missing, cut short, changed, or of another design.
    pub fn read(&self, index: u64) -> Option<Block> {
        let content = placed(&self.path(index))?;
        let head = Head::parse(&content, &self.design)?;
        if head.index != index {
            return None;
        }
        let values_at = head.values_at();
        let verdicts_at = values_at + 8 * head.columns * head.runs;
        let failed_at = verdicts_at + head.claims * head.runs;
        let draws_at = HEAD + 8 * head.runs;
        Some(Block {
            index,
            attempted: head.attempted,
            runs: floats(&content[HEAD..draws_at]).map(f64::to_bits).collect(),
            draws: floats(&content[draws_at..values_at]).collect(),
            values: floats(&content[values_at..verdicts_at]).collect(),
            verdicts: content[verdicts_at..failed_at].to_vec(),
            failed: serde_json::from_slice(&content[failed_at..failed_at + head.failed_bytes]).ok()?,
        })
    }

    /// Reads a block that was written or verified before.
    pub fn read_sound(&self, index: u64) -> Result<Block, OutputError> {
        self.read(index).ok_or_else(|| OutputError::table(&self.path(index), "the block is missing or damaged"))
    }

    /// Blocks that are sound from the first on.
    pub fn sound_prefix(&self, blocks: u64) -> u64 {
        (0..blocks).find(|&index| self.read(index).is_none()).unwrap_or(blocks)
    }

    /// Appends the values of columns `from..to` of a block to `columns`, a column each.
    pub fn read_columns(
        &self,
        index: u64,
        from: usize,
        to: usize,
        columns: &mut [Vec<f64>],
    ) -> Result<(), OutputError> {
        let path = self.path(index);
        let mut file = File::open(&path).map_err(OutputError::file(&path))?;
        let mut head = [0; HEAD];
        file.read_exact(&mut head).map_err(OutputError::file(&path))?;
        let head = Head::parse(&head, &self.design).ok_or_else(|| OutputError::table(&path, "the block is damaged"))?;
        let start = head.values_at() + 8 * from * head.runs;
        let mut bytes = vec![0; 8 * (to - from) * head.runs];
        file.seek(SeekFrom::Start(start as u64)).map_err(OutputError::file(&path))?;
        file.read_exact(&mut bytes).map_err(OutputError::file(&path))?;
        if head.runs > 0 {
            for (column, bytes) in columns.iter_mut().zip(bytes.chunks_exact(8 * head.runs)) {
                column.extend(floats(bytes));
            }
        }
        Ok(())
    }

    /// Writes the state of the summary after the blocks before `next_block`.
    pub fn write_sketches(&self, next_block: u64, sketches: &[Sketch]) -> Result<(), OutputError> {
        let mut bytes = Vec::new();
        bytes.extend(SKETCH_MAGIC);
        bytes.extend(self.design);
        bytes.extend(next_block.to_le_bytes());
        sketches.iter().for_each(|s| s.write(&mut bytes));
        place(&self.sketches_path(), bytes)
    }

    /// The state of the summary and the block it stops before, when it is sound.
    pub fn read_sketches(&self, count: usize) -> Option<(u64, Vec<Sketch>)> {
        let content = placed(&self.sketches_path())?;
        let mut rest = content.strip_prefix(SKETCH_MAGIC)?.strip_prefix(&self.design)?;
        let next_block = u64::from_le_bytes(rest.split_off(..8)?.try_into().ok()?);
        let sketches: Vec<Sketch> = (0..count).map(|_| Sketch::read(&mut rest)).collect::<Option<_>>()?;
        rest.is_empty().then_some((next_block, sketches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ensemble::FailedRun;

    fn block(index: u64) -> Block {
        let failed = FailedRun { run: 3, phase: "settle".into(), month: "2026-01".into(), what: "é".into() };
        Block {
            index,
            attempted: 3,
            runs: vec![0, 1],
            draws: vec![0.5, 0.25],
            values: vec![1.0, -2.0, 3.5, 4.0, 9.0, 9.0],
            verdicts: vec![0, 1, 3, 1, 2, 0],
            failed: vec![failed],
        }
    }

    #[test]
    fn a_block_survives_the_disk_and_keeps_only_what_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), [7; 32]).unwrap();
        store.write(&block(0), 2).unwrap();
        let mut expected = block(0);
        expected.values.truncate(4);
        assert_eq!(store.read(0), Some(expected));
        let mut columns = vec![Vec::new(); 1];
        store.read_columns(0, 1, 2, &mut columns).unwrap();
        assert_eq!(columns, [[3.5, 4.0]]);
    }

    #[test]
    fn a_block_that_is_cut_changed_or_of_another_design_is_not_sound() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), [7; 32]).unwrap();
        (0..4).for_each(|i| store.write(&block(i), 3).unwrap());
        assert_eq!(store.sound_prefix(4), 4);
        assert_eq!(store.sound_prefix(9), 4);
        let mut bytes = fs::read(store.path(2)).unwrap();
        bytes[HEAD + 40] ^= 1;
        fs::write(store.path(2), &bytes).unwrap();
        assert_eq!(store.sound_prefix(4), 2);
        fs::write(store.path(1), &bytes[..50]).unwrap();
        assert_eq!(store.sound_prefix(4), 1);
        fs::rename(store.path(3), store.path(0)).unwrap();
        assert_eq!(store.sound_prefix(4), 0);
        let other = Store::open(folder.path(), [8; 32]).unwrap();
        assert_eq!(other.sound_prefix(4), 0);
    }
}
