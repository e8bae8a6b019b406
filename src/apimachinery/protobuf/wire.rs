//! Protobuf's wire format: fields of a message, one after the other. Upstream: the Unmarshal methods gogo generates.

/// What one field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload<'b> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 2: a text, bytes, a message or a packed list.
    Bytes(&'b [u8]),
    /// A wire type no Kubernetes field has; it was skipped.
    Other(u64),
}

impl Payload<'_> {
    /// Its wire type.
    pub fn wire_type(self) -> u64 {
        match self {
            Self::Varint(_) => 0,
            Self::Bytes(_) => 2,
            Self::Other(wire_type) => wire_type,
        }
    }
}

const TRUNCATED: &str = "unexpected EOF";
const OVERFLOW: &str = "proto: integer overflow";

/// Reads a message from its start.
pub(super) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// A number, when there is one more.
    pub fn next_varint(&mut self) -> Option<Result<u64, String>> {
        (!self.rest.is_empty()).then(|| self.varint())
    }

    /// The next field of a message of this name: its number and what it holds.
    pub fn next_field(&mut self, message: &str) -> Option<Result<(i32, Payload<'b>), String>> {
        (!self.rest.is_empty()).then(|| self.field(message))
    }

    fn field(&mut self, message: &str) -> Result<(i32, Payload<'b>), String> {
        let (number, wire_type) = self.key()?;
        if wire_type == 4 {
            return Err(format!("proto: {message}: wiretype end group for non-group"));
        }
        if number <= 0 {
            return Err(format!("proto: {message}: illegal tag {number} (wire type {wire_type})"));
        }
        let payload = match wire_type {
            0 => Payload::Varint(self.varint()?),
            2 => Payload::Bytes(self.bytes()?),
            other => {
                self.skip(other)?;
                Payload::Other(other)
            }
        };
        Ok((number, payload))
    }

    fn key(&mut self) -> Result<(i32, u64), String> {
        let key = self.varint()?;
        // Go's int32(key >> 3).
        #[allow(clippy::cast_possible_truncation)]
        Ok(((key >> 3) as i32, key & 7))
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(TRUNCATED)?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(OVERFLOW.to_owned())
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }

    fn bytes(&mut self) -> Result<&'b [u8], String> {
        let length = i64::from_ne_bytes(self.varint()?.to_ne_bytes());
        let length = usize::try_from(length).map_err(|_| "proto: negative length found during unmarshaling")?;
        self.take(length)
    }

    /// Passes over a value of a wire type, with all that is in it when it is a group.
    fn skip(&mut self, wire_type: u64) -> Result<(), String> {
        let mut depth = 0_usize;
        let mut wire_type = wire_type;
        loop {
            match wire_type {
                0 => drop(self.varint()?),
                1 => drop(self.take(8)?),
                2 => drop(self.bytes()?),
                3 => depth += 1,
                4 => depth = depth.checked_sub(1).ok_or("proto: unexpected end of group")?,
                5 => drop(self.take(4)?),
                other => return Err(format!("proto: illegal wireType {other}")),
            }
            if depth == 0 {
                return Ok(());
            }
            wire_type = self.key()?.1;
        }
    }
}
