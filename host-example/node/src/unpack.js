import { gunzip } from "node:zlib";

/**
 * What a gzip copy holds. It is unpacked no further than `maxSize` bytes, however much it would hold.
 *
 * @returns {Promise<Buffer>}
 */
export function unpacked(bytes, maxSize) {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: Math.max(1, maxSize) }, (error, plain) => {
      if (error) reject(error);
      else if (plain.length > maxSize) reject(new RangeError("the file is larger than it can be"));
      else resolve(plain);
    });
  });
}
