import { describe, expect, it } from "vitest";
import type { Alert } from "../src/api/types";
import { compareAlerts, isQueued, orderQueue } from "../src/views/alerts/queue";

describe("the order that the queue wants", () => {
  it("puts unacknowledged before severity, severity before age, the youngest first", () => {
    const alerts = [
      alert("old caution", { severity: "caution", opened_at: "2026-01-02T03:00:00Z" }),
      alert("seen critical", { severity: "critical", state: "acknowledged" }),
      alert("new caution", { severity: "caution", opened_at: "2026-01-02T03:09:00Z" }),
      alert("information", { severity: "information" }),
      alert("serious", { severity: "serious", opened_at: "2026-01-02T01:00:00Z" }),
      alert("critical", { severity: "critical", opened_at: "2026-01-02T00:00:00Z" }),
    ];
    expect(alerts.sort(compareAlerts).map(({ id }) => id)).toEqual([
      "critical",
      "serious",
      "new caution",
      "old caution",
      "information",
      "seen critical",
    ]);
  });

  it("is the same whatever order equal alerts came in", () => {
    const [a, b] = [alert("a", {}), alert("b", {})];
    expect([b, a].sort(compareAlerts)).toEqual([a, b].sort(compareAlerts));
  });

  it("leaves out what is shelved or closed", () => {
    const states = ["new", "acknowledged", "acting", "cleared", "shelved", "closed"] as const;
    expect(states.filter((state) => isQueued(alert("x", { state })))).toEqual(["new", "acknowledged", "acting", "cleared"]);
  });
});

describe("the rows on the screen", () => {
  const check = (sorted: string, before: string, anchor: string | undefined, shown: string, above: string) =>
    expect(orderQueue([...sorted], [...before], anchor)).toEqual({ shown: [...shown], above: [...above] });

  it("follow the wanted order when nothing holds them", () => check("xabc", "abc", undefined, "xabc", ""));
  it("do not move under the pointer: what is new above waits", () => check("xyabc", "abc", "b", "abc", "xy"));
  it("let new rows in below the pointer", () => check("abxc", "abc", "b", "abxc", ""));
  it("keep an acknowledged row in place while it has the focus", () => check("bca", "abc", "a", "abc", ""));
  it("keep a closed row above the pointer until it is let go", () => check("bc", "abc", "b", "abc", ""));
  it("sort freely below the pointer", () => check("acb", "abc", "a", "acb", ""));
  it("follow the wanted order when the anchor is not on the screen", () => check("xab", "ab", "q", "xab", ""));
});

function alert(id: string, part: Partial<Alert>): Alert {
  return {
    id,
    detector: "area.entry",
    severity: "caution",
    state: "new",
    title: id,
    why_text: "",
    why: [],
    subject: null,
    track: null,
    area: null,
    lat_deg: null,
    lon_deg: null,
    opened_at: "2026-01-02T03:04:05Z",
    updated_at: "2026-01-02T03:04:05Z",
    count: 1,
    condition: "active",
    cites: [],
    assignee: null,
    exercise: true,
    history: [],
    seq: 1,
    ...part,
  };
}
