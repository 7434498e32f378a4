import type { Company } from './company.ts'
import type { DealRow, ParticipantRow } from './records.ts'

/** A Participation is a participant of a deal: the deal's own person (an assumption), or an added one. */
export interface Participation {
  id: number
  person_id: number
  add_time: string
  added_by: number
  /** Missing for the deal's own person. */
  row?: ParticipantRow
}

/** The deal's own person has no row: its id is derived from the deal's (even), other ids from the row's (odd). */
const ownId = ({ id }: DealRow): number => id * 2
export const addedId = ({ id }: ParticipantRow): number => id * 2 + 1

/** The participant rows of a deal, including removed ones. */
export const participantRows = ({ participants }: Company, dealId: number): ParticipantRow[] =>
  [...participants.where('deal_id', dealId)].sort((a, b) => a.id - b.id)

export function participantsOf(deal: DealRow, company: Company): Participation[] {
  const own: Participation[] =
    deal.person_id === null ? [] : [{ id: ownId(deal), person_id: deal.person_id, add_time: deal.add_time, added_by: deal.creator_user_id }]
  const added = participantRows(company, deal.id)
    .filter((row) => !row.is_deleted && row.person_id !== deal.person_id)
    .map((row) => ({ id: addedId(row), person_id: row.person_id, add_time: row.add_time, added_by: row.added_by, row }))
  return [...own, ...added]
}
