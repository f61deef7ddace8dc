/** Lines of a stream, split at line feeds alone: readline also splits at U+2028, which JSON may hold. */
export async function* lines(stream) {
  let begun = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let at; (at = chunk.indexOf(10, start)) >= 0; start = at + 1) {
      yield Buffer.concat([...begun, chunk.subarray(start, at)]).toString();
      begun = [];
    }
    begun.push(chunk.subarray(start));
  }
}
