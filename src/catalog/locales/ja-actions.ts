import { label } from './locales.ts'
import { objectsJa } from './ja-objects.ts'

const merge = (one: string) => ({
  ...label(`${one}をマージする`, `1 つ目の${one}を 2 つ目の${one}にまとめます。2 つ目が残ります。元に戻せません。`),
  parameters: {
    id: label('ID', `まとめられる${one}の ID。削除されます。`),
    merge_with_id: label('マージ先', `残る${one}の ID。`),
  },
})

/** The actions of objects that no table can say. */
export const actionsJa = {
  DealListArchived: {
    ...label('アーカイブされた取引を一覧表示する', '条件に合うアーカイブ済みの取引を読み取ります。取引の一覧には含まれません。'),
    parameters: objectsJa.operations['DealList']!.parameters,
  },
  DealDuplicate: {
    ...label('取引を複製する', '取引のコピーを、製品とともに追加します。履歴は引き継がれません。'),
    parameters: { id: label('ID', '複製する取引の ID。') },
  },
  DealMerge: merge('取引'),
  PersonMerge: merge('連絡先'),
  OrganizationMerge: merge('組織'),
}

/** What they answer. */
export const actionAnswersJa = {
  DealCopy: { id: label('ID', 'コピーの ID。Pipedrive が返さなければ空。'), copied_from_id: label('複製元', '複製された取引の ID。') },
  Merged: { id: label('ID', '残るレコードの ID。'), merged_id: label('マージされた ID', 'まとめられたレコードの ID。') },
}
