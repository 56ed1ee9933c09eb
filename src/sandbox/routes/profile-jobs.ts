import { readProfile } from '../incoming.js';
import { jobLifetimeMs, maxBodyBytes } from '../limits.js';
import { listFields } from '../resources/field-names.js';
import { renderList } from '../resources/list.js';
import { type Rendering, type Resource, renderResource, toIso } from '../resources/resource.js';
import type { ImportError, ImportJob } from '../store/jobs.js';
import { findObstacle, ownerOfAny, writeProfile } from '../store/write-profile.js';
import { importJobBody } from '../validate/profile-job.js';
import { answerOne, answerPage, notFound, renderingOf } from './answers.js';
import { type Call, type Rows, row, type World } from './row.js';

export type ProfileJobEndpoint =
  | 'POST api/profile-bulk-import-jobs'
  | 'GET api/profile-bulk-import-jobs/{id}'
  | 'GET api/profile-bulk-import-jobs/{id}/import-errors';

interface ImportBody {
  data: {
    attributes: { profiles: { data: unknown[] } };
    relationships?: { lists?: { data?: { id: string }[] } };
  };
}

const type = 'profile-bulk-import-job';
const jobFields = [
  ...['completed_at', 'completed_count', 'created_at', 'expires_at', 'failed_count', 'id'],
  ...['started_at', 'status', 'total_count'],
];

const errorFields = [
  ...['code', 'detail', 'id', 'original_payload', 'source', 'source.pointer', 'title'],
];

const renderError = (error: ImportError, rendering: Rendering): Resource => {
  const { id, code, title, detail, pointer, payload } = error;
  const attributes = { code, title, detail, source: { pointer }, original_payload: payload };
  return renderResource({ type: 'import-error', id, attributes }, rendering);
};

type Problem = Pick<ImportError, 'code' | 'title' | 'detail'>;

/** Bulk imports. The work is done at once, but the first answer says `queued`, as Klaviyo's does. */
export function profileJobRoutes({ ledger }: World): Rows<ProfileJobEndpoint> {
  const { profiles, lists, jobs } = ledger;

  /** Writes one profile as a single import would, and adds it to the lists; says why when that cannot be. */
  function importOne(
    companyId: string,
    data: unknown,
    listIds: string[],
    at: number,
  ): Problem | undefined {
    const incoming = readProfile(data);
    const { id } = incoming.identifiers;
    const known =
      id === undefined ? ownerOfAny(profiles, companyId, incoming) : profiles.of(companyId).get(id);
    if (id !== undefined && !known) {
      return { code: 'not_found', title: 'Not found.', detail: 'There is no such profile.' };
    }
    if (findObstacle(profiles, companyId, incoming, known)) {
      const detail = 'A profile already exists with one of these identifiers.';
      return { code: 'duplicate_profile', title: 'Conflict.', detail };
    }
    const profile = known ?? profiles.create(companyId, undefined, at);
    writeProfile(profiles, profile, incoming, at);
    for (const listId of listIds) lists.of(companyId).get(listId)?.join(profile, at);
    ledger.tellProfile(profile);
    return undefined;
  }

  function show(call: Call<never>, status: number, job: ImportJob, isQueued: boolean) {
    const done = isQueued ? null : toIso(job.createdAt);
    const resource = renderResource(
      {
        type,
        id: job.id,
        attributes: {
          status: isQueued ? 'queued' : 'complete',
          created_at: toIso(job.createdAt),
          total_count: job.total,
          completed_count: isQueued ? 0 : job.total - job.errors.length,
          failed_count: isQueued ? 0 : job.errors.length,
          completed_at: done,
          expires_at: toIso(job.createdAt + jobLifetimeMs),
          started_at: done,
        },
        relationships: {
          lists: job.listIds.map((id) => ({ type: 'list', id })),
          profiles: undefined,
          'import-errors': undefined,
        },
      },
      renderingOf(call),
    );
    const included = call.query.include.includes('lists') ? job.listIds : [];
    return answerOne(
      call,
      status,
      resource,
      included.flatMap((id) => {
        const list = lists.of(call.companyId).get(id);
        return list ? [renderList(list, renderingOf(call))] : [];
      }),
    );
  }

  return {
    'POST api/profile-bulk-import-jobs': row({
      query: () => ({ fields: { [type]: jobFields } }),
      body: { maxBytes: maxBodyBytes, check: () => importJobBody },
      handle(call) {
        const { companyId, at, body } = call;
        const { attributes, relationships } = (body as ImportBody).data;
        const listIds = (relationships?.lists?.data ?? []).map(({ id }) => id);
        const unknown = listIds.find((id) => !lists.of(companyId).get(id));
        if (unknown) return notFound(`A list with id \`${unknown}\` does not exist.`);
        const sent = attributes.profiles.data;
        const errors = sent.flatMap((payload, seq): ImportError[] => {
          const problem = importOne(companyId, payload, listIds, at);
          const pointer = `/data/attributes/profiles/data/${seq}`;
          return problem ? [{ ...problem, id: `import-error-${seq}`, seq, pointer, payload }] : [];
        });
        const job = jobs.add(companyId, { createdAt: at, total: sent.length, errors, listIds });
        return show(call, 202, job, true);
      },
    }),
    'GET api/profile-bulk-import-jobs/{id}': row({
      query: () => ({ fields: { [type]: jobFields, list: listFields }, include: ['lists'] }),
      handle(call) {
        const job = jobs.get(call.companyId, call.id);
        return job ? show(call, 200, job, false) : notFound('Invalid job id');
      },
    }),
    'GET api/profile-bulk-import-jobs/{id}/import-errors': row<ImportError>({
      query: () => ({ fields: { 'import-error': errorFields }, page: { size: 20, maxSize: 100 } }),
      handle(call) {
        const job = jobs.get(call.companyId, call.id);
        if (!job) return notFound('Invalid job id');
        return answerPage(call, { items: job.errors, by: ({ seq }) => seq }, renderError);
      },
    }),
  };
}
