import { crc32 } from 'node:zlib'
import { zlibSync } from 'fflate'

/** The background of the icon, also around it in the designers; neither white nor the default blue. */
export const BRAND_COLOR = '#1f5f5b'
/** Microsoft asks for about 230 pixels, the drawing in it for about 160. */
const SIDE = 230
/** Samples in each pixel, in either direction, for smooth edges. */
const FINE = 4

const within = (value: number, low: number, high: number): boolean => value >= low && value <= high

/** A suspension bridge, in a square of side 1. */
function isBridge(x: number, y: number): boolean {
  const fromCentre = Math.abs(x - 0.5)
  const deck = within(y, 0.6, 0.66) && within(x, 0.14, 0.86)
  const towers = within(fromCentre, 0.17, 0.22) && within(y, 0.27, 0.76)
  const cable = fromCentre <= 0.195 ? 0.55 - 0.26 * (fromCentre / 0.195) ** 2 : 0.29 + 0.31 * ((fromCentre - 0.195) / 0.165)
  const cables = fromCentre <= 0.36 && Math.abs(y - cable) <= (fromCentre <= 0.195 ? 0.02 : 0.03)
  const hangers = [0.065, 0.13].some((place) => Math.abs(fromCentre - place) <= 0.008) && within(y, cable, 0.6)
  return deck || towers || cables || hangers
}

function coverage(column: number, row: number): number {
  let hits = 0
  for (let dot = 0; dot < FINE * FINE; dot++)
    if (isBridge((column + ((dot % FINE) + 0.5) / FINE) / SIDE, (row + (Math.floor(dot / FINE) + 0.5) / FINE) / SIDE)) hits++
  return hits / (FINE * FINE)
}

/** The icon as a PNG: drawn by code, so that its origin is known and its bytes are the same everywhere. */
export function drawIcon(): Uint8Array {
  const background = [1, 3, 5].map((at) => Number.parseInt(BRAND_COLOR.slice(at, at + 2), 16))
  const line = 1 + SIDE * 3
  const pixels = new Uint8Array(SIDE * line)
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      const share = coverage(column, row)
      for (const [channel, ground] of background.entries())
        pixels[row * line + 1 + column * 3 + channel] = Math.round(ground + (255 - ground) * share)
    }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE, 0)
  header.writeUInt32BE(SIDE, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(pixels, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}
