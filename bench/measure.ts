export const SEQUENTIAL = 400
export const CONCURRENT = 2_000
export const CONNECTIONS = 16

export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Median milliseconds of one call, one call at a time. */
export async function sequential(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < SEQUENTIAL; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return median(times)
}

/** Calls per second over CONNECTIONS at once. */
export async function concurrent(run: () => Promise<unknown>): Promise<number> {
  let left = CONCURRENT
  const start = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await run()
    }),
  )
  return CONCURRENT / ((performance.now() - start) / 1000)
}
