import type { Figures, Job } from "./job.ts";
import { loadSystem } from "./systems.ts";
import type { Session } from "./system.ts";

/**
 * A process for one step of a measurement, so that none inherits another's heap: `measure JOB`. Sends the figures, or an
 * error as a text.
 */
const job = JSON.parse(process.argv[2] as string) as Job;
let answer: Figures | string;
try {
  answer = await measure(job);
} catch (error) {
  // With its stack to whoever watches; the results say only what went wrong.
  console.error(error);
  answer = String(error);
}
process.send?.(answer, () => process.exit(0));

/** What a step does not need is not loaded, since it would count as memory of the worker. */
async function measure({ place, variant, step }: Job): Promise<Figures> {
  switch (step.kind) {
    case "enqueue": {
      const { enqueue } = await import("./workloads/enqueue.ts");
      return withSession((session) => enqueue(session, step.total, step.callers));
    }
    case "bulk": {
      const { bulk } = await import("./workloads/enqueue.ts");
      return withSession((session) => bulk(session, step.total));
    }
    case "fill": {
      const { fill } = await import("./workloads/enqueue.ts");
      return withSession((session) => fill(session, step.total).then(() => ({})));
    }
    case "drain": {
      const { drain } = await import("./workloads/drain.ts");
      return withSession((session) => drain(session, variant, step.total, step.concurrency));
    }
    case "latency": {
      const { latency } = await import("./workloads/latency.ts");
      return withSession((session) => latency(session, job, step.total));
    }
    case "at-rest":
      return (await import("./workloads/at-rest.ts")).atRest(job, step.total, step.state);
    case "grow":
      await (await import("./workloads/growth.ts")).grow(place, step.waiting, step.finished);
      return {};
    case "drain-some":
      return (await import("./workloads/growth.ts")).drainSome(place, step.total, step);
    case "crash":
      return (await import("./workloads/crash.ts")).crash(place, step.total, step.leaseMs);
    case "logging":
      return (await import("./workloads/logging.ts")).logging(place, step.total, step.logs);
    case "enqueue-beside": {
      const { enqueueBeside } = await import("./workloads/latency.ts");
      return withSession((session) => enqueueBeside(session, job, step));
    }
    case "make-errors":
      return (await import("./workloads/errors.ts")).makeErrors(step.total);
    case "stored-errors":
      return (await import("./workloads/errors.ts")).storedErrors(place, step.total, step.withErrors);
    case "worker-made-over":
      return (await import("./workloads/errors.ts")).workerMadeOver(place, step.total, step.over);
  }
}

async function withSession(work: (session: Session) => Promise<Figures>): Promise<Figures> {
  const session = await (await loadSystem(job.place.store, job.system)).open(job.place, job.variant);
  const figures = await work(session);
  await session.close();
  return figures;
}
