import { BODY_MAX_BYTES } from '../../shared/limits.js';
import { IMPORT_MAX_PROFILES, PROFILE_MAX_BYTES } from '../limits.js';
import { type Many, type Member, type Rejected, sendBatch } from './batches.js';
import type { CallEndpoint, CallOptions, Reply } from './call.js';
import { ENDPOINTS } from './endpoints.js';
import { type Walk, walk } from './pages.js';
import { isAppending, type ProfileInput, profileJson } from './profile-input.js';
import { type Document, oneOf, type Resource, readResource } from './wire.js';
import { type Progress, workThrough } from './work-through.js';

export interface UpsertAllOptions extends CallOptions {
  /** The list they all join. That gives no consent: subscribe them for it. */
  listId?: string;
}

/** A bulk import at Klaviyo. */
export interface ProfileImport {
  id: string;
  status: 'queued' | 'processing' | 'complete' | 'cancelled';
  /** How many profiles it has, and how many of them are done or have failed. */
  totalCount: number;
  completedCount?: number;
  failedCount?: number;
  /** Epoch ms, as the other moments are. */
  createdAt: number;
  startedAt?: number;
  completedAt?: number;
}

/** Why one profile of an import was not written. */
export interface ImportError {
  id: string;
  code: string;
  title: string;
  /** May quote the profile: do not log it. */
  detail: string;
  pointer?: string;
}

export interface UpsertedAll {
  /** One for each 10,000 profiles or 5 MB. They go on at Klaviyo: see `getImport`. */
  imports: ProfileImport[];
  /** Those that were refused before their import began. */
  rejected: Rejected[];
}

export interface ProfileImports {
  /**
   * Creates or updates any number of profiles, in imports of 10,000 or 5 MB, each profile at most 100 KB. They may
   * come one by one from a file or a database: one import's worth is in memory. Klaviyo works on an import after the
   * answer; `getImport` says how far it is. Rejects with a `KlaviyoBulkError<UpsertedAll>`, which says what was not
   * handed over; to do all of it again does no harm where nothing is appended.
   *
   * @klaviyo POST /api/profile-bulk-import-jobs (2026-07-15) · lists:write, profiles:write · 10/s, 150/min
   */
  upsertAll(profiles: Many<ProfileInput>, options?: UpsertAllOptions): Promise<UpsertedAll>;
  /**
   * How far an import is.
   *
   * @klaviyo GET /api/profile-bulk-import-jobs/{id} (2026-07-15) · lists:read, profiles:read · 10/s, 150/min
   */
  getImport(id: string, options?: CallOptions): Promise<ProfileImport>;
  /**
   * Walks what an import could not write, 100 with one request.
   *
   * @klaviyo GET /api/profile-bulk-import-jobs/{id}/import-errors (2026-07-15) · profiles:read · 10/s, 150/min
   */
  importErrors(
    id: string,
    options?: CallOptions & { cursor?: string | undefined },
  ): Walk<ImportError>;
}

const NAMES = {
  status: 'status',
  totalCount: 'total_count',
  completedCount: 'completed_count',
  failedCount: 'failed_count',
  createdAt: 'created_at',
  startedAt: 'started_at',
  completedAt: 'completed_at',
} as const satisfies Record<keyof Omit<ProfileImport, 'id'>, string>;

function readError({ id, attributes = {} }: Resource): ImportError {
  const { code, title, detail, source } = attributes;
  const pointer = (source as { pointer?: unknown } | null | undefined)?.pointer;
  return {
    ...{ id, code: String(code ?? ''), title: String(title ?? ''), detail: String(detail ?? '') },
    ...(typeof pointer === 'string' && { pointer }),
  };
}

/** Without the `{"data":` and `}` around it. */
const resourceJson = (profile: ProfileInput): string => profileJson(profile).slice(8, -1);

const isTooLarge = ({ text }: Member<ProfileInput>): boolean =>
  Buffer.byteLength(text) > PROFILE_MAX_BYTES;

export function createProfileImports(call: CallEndpoint): ProfileImports {
  const read = ({ body }: Reply<Document>): ProfileImport => readResource(oneOf(body), NAMES);

  return {
    async upsertAll(profiles, { listId, signal } = {}) {
      const upserted: UpsertedAll = { imports: [], rejected: [] };
      const { imports, rejected } = upserted;
      const lists = listId === undefined ? [] : [{ type: 'list', id: listId }];
      const tail =
        lists.length > 0 ? `,"relationships":{"lists":{"data":${JSON.stringify(lists)}}}` : '';
      const begin = async (members: readonly Member<ProfileInput>[]) => {
        const data = members.map(({ text }) => text).join();
        const body = `{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":[${data}]}}${tail}}}`;
        const isRepeatable = !members.some(({ item }) => isAppending(item));
        return read(await call(ENDPOINTS.importProfiles, { body, signal, isRepeatable }));
      };
      const limits = { maxCount: IMPORT_MAX_PROFILES, maxBytes: BODY_MAX_BYTES };
      const work = {
        ...{ call: 'profiles.upsertAll', items: profiles, write: resourceJson, limits },
        async send(batch: Member<ProfileInput>[], { sending }: Progress) {
          for (const { index } of batch.filter(isTooLarge)) {
            rejected.push({ index, error: new RangeError('The profile is larger than 100 KB.') });
          }
          const fitting = batch.filter((member) => !isTooLarge(member));
          sending();
          const sent = await sendBatch(fitting, rejected, begin);
          if (sent) imports.push(sent.result);
        },
      };
      return workThrough(work, upserted);
    },
    getImport: async (id, { signal } = {}) => read(await call(ENDPOINTS.getImport, { id, signal })),
    importErrors: (id, { cursor, signal } = {}) =>
      walk({
        ...{ call, id, cursor, signal, read: readError },
        endpoint: ENDPOINTS.getImportErrors,
        query: { 'page[size]': 100 },
      }),
  };
}
