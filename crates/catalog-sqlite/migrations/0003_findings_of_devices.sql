-- What the app asks of a device's hardware; NULL where it was not kept.
ALTER TABLE builds ADD COLUMN supported_devices TEXT; -- JSON array of models; empty for all
ALTER TABLE builds ADD COLUMN capabilities TEXT;      -- JSON array of pairs: name, and whether it must be there

-- What the doctor said of the build on this device when the attempt began.
ALTER TABLE attempts ADD COLUMN findings TEXT NOT NULL DEFAULT '[]'; -- JSON array
