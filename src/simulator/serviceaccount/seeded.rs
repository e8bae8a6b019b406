//! An RSA key made from a seed, so that a run with its tokens can be repeated. Whoever knows the seed knows the key:
//! it is for simulators that say so, and for nothing else.

use num_bigint::BigUint;

use crate::base::Ids;

/// The bits of each prime; the modulus has twice as many.
const BITS: u64 = 1024;
/// The public exponent, as everywhere.
const E: u32 = 65_537;
/// Candidates with a smaller factor are passed over without the long test.
const SMALL: u32 = 2_000;
/// Witnesses asked about each candidate. A random number of this size that passes a few is prime.
const WITNESSES: &[u32] = &[2, 3, 5, 7, 11, 13, 17, 19];

/// The private key as PKCS#1 (RFC 8017, appendix A.1.2); `None` only if arithmetic failed.
pub fn rsa_2048(ids: &Ids) -> Option<Vec<u8>> {
    let one = BigUint::from(1_u32);
    let e = BigUint::from(E);
    let (mut p, mut q) = (prime(ids), prime(ids));
    while p == q {
        q = prime(ids);
    }
    if p < q {
        std::mem::swap(&mut p, &mut q);
    }
    let (below_p, below_q) = (&p - &one, &q - &one);
    let d = e.modinv(&(&below_p * &below_q))?;
    let parts =
        [BigUint::ZERO, &p * &q, e, d.clone(), p.clone(), q.clone(), &d % &below_p, &d % &below_q, q.modinv(&p)?];
    Some(tagged(0x30, &parts.iter().flat_map(integer).collect::<Vec<u8>>()))
}

fn prime(ids: &Ids) -> BigUint {
    let small = small_primes();
    loop {
        let drawn = ids.hex(usize::try_from(BITS / 8).unwrap_or_default());
        let mut candidate = BigUint::parse_bytes(drawn.as_bytes(), 16).unwrap_or_default();
        // The product of two such numbers has its full length.
        for bit in [0, BITS - 2, BITS - 1] {
            candidate.set_bit(bit, true);
        }
        let has_small_factor = small.iter().any(|prime| &candidate % *prime == BigUint::ZERO);
        // With such a prime the exponent would have no inverse.
        let fits = &candidate % E != BigUint::from(1_u32);
        if !has_small_factor && fits && is_probably_prime(&candidate) {
            return candidate;
        }
    }
}

fn small_primes() -> Vec<u32> {
    let mut primes: Vec<u32> = Vec::new();
    for number in 2..SMALL {
        if primes.iter().all(|prime| number % prime != 0) {
            primes.push(number);
        }
    }
    primes
}

/// The test of Miller and Rabin, for odd numbers.
fn is_probably_prime(number: &BigUint) -> bool {
    let one = BigUint::from(1_u32);
    let below = number - &one;
    let twos = below.trailing_zeros().unwrap_or(0);
    let odd = &below >> twos;
    WITNESSES.iter().all(|witness| {
        let mut power = BigUint::from(*witness).modpow(&odd, number);
        if power == one || power == below {
            return true;
        }
        for _ in 1..twos {
            power = &power * &power % number;
            if power == below {
                return true;
            }
        }
        false
    })
}

/// A DER integer: big-endian, with a leading zero where the first bit would be a sign.
fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            out.extend(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::{is_probably_prime, rsa_2048};
    use crate::base::Ids;
    use num_bigint::BigUint;

    #[test]
    fn primes_are_told_from_others() {
        // Carmichael numbers among them, which fool weaker tests.
        for (number, want) in [
            (23_u64, true),
            (25, false),
            (561, false),
            (41_041, false),
            (65_537, true),
            (4_294_967_297, false),
            (2_147_483_647, true),
        ] {
            assert_eq!(is_probably_prime(&BigUint::from(number)), want, "{number}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_key_and_the_library_takes_it() {
        let make = |seed| rsa_2048(&Ids::seeded(seed)).expect("a key");
        let key = make(7);
        assert_eq!(key, make(7));
        assert_ne!(key, make(8));
        let pair = aws_lc_rs::rsa::KeyPair::from_der(&key).expect("a sound key");
        assert_eq!(pair.public_modulus_len(), 256);
    }
}
