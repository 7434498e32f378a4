import { fillRow, linkedIds, type LinkedRecords, type Mapping } from '../catalog/mapping.ts'
import type { LinkedKind, ReferenceData } from '../pipedrive/pipedrive.ts'

/**
 * Fills contract rows for a page of sources: collects every id that the mapping needs and fetches all kinds in parallel, each once.
 * The names of what cannot be read stay null. `onFailure` gets its kind and its error, and throws those that must end the call.
 */
export async function fillAll<S, C>(
  referenceData: ReferenceData,
  mapping: Mapping<S, C>,
  sources: readonly S[],
  onFailure: (kind: LinkedKind, error: unknown) => void,
): Promise<C[]> {
  const idsByKind = linkedIds(mapping, sources)
  const records: LinkedRecords = {}
  const fetchKind = async <K extends LinkedKind>(kind: K, ids: ReadonlySet<number>) => {
    const fail = (error: unknown) => onFailure(kind, error)
    try {
      records[kind] = (await referenceData.fetch(kind, [...ids], fail)) as LinkedRecords[K]
    } catch (error) {
      fail(error)
    }
  }
  await Promise.all([...idsByKind].map(([kind, ids]) => fetchKind(kind, ids)))
  return sources.map((source) => fillRow(mapping, source, records))
}
