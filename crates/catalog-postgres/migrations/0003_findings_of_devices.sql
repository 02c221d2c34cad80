-- What the app asks of a device's hardware; NULL where it was not kept.
ALTER TABLE builds ADD COLUMN supported_devices text COLLATE "C"; -- JSON array of models; empty for all
ALTER TABLE builds ADD COLUMN capabilities text COLLATE "C";      -- JSON array of pairs: name, and whether it must be there

-- What the doctor said of the build on this device when the attempt began.
ALTER TABLE attempts ADD COLUMN findings text COLLATE "C" NOT NULL DEFAULT '[]'; -- JSON array
