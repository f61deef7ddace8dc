use std::io;
use std::path::Path;

use interdict_host::StoreError;

/// Names the file to whoever gets an error of the system about it.
pub(crate) trait At<T> {
    /// With the path as it was given.
    fn at(self, path: &Path) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(StoreError::at(path))
    }
}
