// terra-draw on our map: its tools draw and move corners; the footprint itself lives in `shape`.
import { effect, signal } from "@preact/signals";
import type { Geometry, Position } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";
import {
  type GeoJSONStoreFeatures, TerraDraw, TerraDrawAngledRectangleMode, TerraDrawCircleMode, TerraDrawLineStringMode, TerraDrawModeUndoRedo,
  TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawSelectMode, type TerraDrawMouseEvent,
} from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { shownCollection } from "../map/datum";
import { eachPosition } from "../map/bounds";
import { zones } from "../data/store";
import { form, preview } from "./draft";
import { apart, corner, corners, draftShape, keep, MAP_DATUM, moved, redo, type Shape, shape, tidy, together, type Tool, tool, undo, without } from "./shape";

/** Whether the map's tools can take the shape apart: not an outline with holes. */
export const drawable = signal(true);
/** Something was begun and is not finished. */
export const underWay = signal(false);

const HANDLES = ["selectionPoint", "midPoint", "closingPoint", "snappingPoint", "coordinatePoint"];
const SNAP_PX = 14;
const CORNER_PX = 22;
const MODE_OF: Partial<Record<Geometry["type"], string>> = { Point: "point", Polygon: "polygon", LineString: "linestring" };
const INK = "#1257c9";
const STYLE = { fillColor: INK, fillOpacity: 0.12, outlineColor: INK, outlineWidth: 3 } as const;

let hand: Drawing | null = null;
/** Take back the last corner of what is being drawn, else the last change of the footprint. */
export const back = (): void => (hand?.stepBack() ? undefined : undo());
export const forth = (): void => (hand?.stepForth() ? undefined : redo());
export const cancel = (): void => hand?.cancel();
export const finish = (): void => hand?.finish();

export class Drawing {
  private readonly draw: TerraDraw;
  private readonly stops: (() => void)[];
  /** What stands in terra-draw's store, so that its own changes aren't written back into it. */
  private loaded: Geometry | null = null;

  constructor(private readonly map: MapLibre) {
    const snapping = { toCoordinate: true, toCustom: (event: TerraDrawMouseEvent) => this.snapped(event) };
    const flags = { feature: { draggable: true, coordinates: { draggable: true, midpoints: { draggable: true }, deletable: true, snappable: snapping } } };
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 8 }),
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
      modes: [
        new TerraDrawSelectMode({
          flags: { polygon: flags, linestring: flags, point: { feature: { draggable: true } } }, allowManualDeselection: false, keyEvents: null,
          styles: { selectedPolygonColor: INK, selectedPolygonFillOpacity: 0.12, selectedPolygonOutlineColor: INK, selectionPointColor: "#ffffff", selectionPointOutlineColor: INK, selectionPointOutlineWidth: 3, selectionPointWidth: 7, midPointColor: INK, midPointOutlineColor: "#ffffff", midPointOutlineWidth: 1.5, midPointWidth: 4, selectedPointColor: INK, selectedPointWidth: 8 },
        }),
        new TerraDrawPolygonMode({ snapping, styles: STYLE, pointerDistance: 22, showCoordinatePoints: true }),
        new TerraDrawAngledRectangleMode({ styles: STYLE }),
        new TerraDrawCircleMode({ styles: STYLE, drawInteraction: "click-move-or-drag" }),
        new TerraDrawPointMode({ styles: { pointColor: INK, pointWidth: 8 } }),
        new TerraDrawLineStringMode({ snapping }),
      ],
    });
    this.draw.start();
    this.draw.on("change", (_ids, type) => this.note(type));
    this.draw.on("finish", (id, { action }) => this.take(id, action === "draw"));
    map.on("click", this.choose);
    document.addEventListener("keydown", this.onKey);
    this.stops = [effect(() => this.load(shape.value, preview.value?.geometry ?? null)), effect(() => this.hold(tool.value))];
    hand = this;
  }

  stop(): void {
    hand = null;
    for (const stop of this.stops) stop();
    document.removeEventListener("keydown", this.onKey);
    this.map.off("click", this.choose);
    this.draw.stop();
    underWay.value = false;
  }

  stepBack(): boolean {
    if (this.draw.getModeState() !== "drawing") return false;
    if (this.draw.canUndo()) this.draw.undo();
    else this.cancel();
    return true;
  }

  stepForth(): boolean {
    return this.draw.getModeState() === "drawing" && this.draw.canRedo() && this.draw.redo();
  }

  /** Drop what was begun; the footprint stays as it was. */
  cancel(): void {
    this.draw.setMode(this.draw.getMode());
    this.reload();
    draftShape.value = null;
    underWay.value = false;
  }

  /** Close the outline that is being drawn, as Enter does: for fingers. */
  finish(): void {
    this.map.getCanvas().dispatchEvent(new KeyboardEvent("keyup", { key: "Enter", bubbles: true }));
  }

  /** Show the footprint as it is drawn: a shape in another datum only once the server has told where that is. */
  private load(next: Shape | null, measured: Geometry | null): void {
    const inWgs84 = next === null ? null : next.datum === MAP_DATUM ? null : next.datum === "wgs84" ? next.geometry : measured;
    const geometry = next === null ? null : next.datum === MAP_DATUM ? next.geometry : inWgs84 && drawnOf(inWgs84);
    if (geometry === this.loaded || this.draw.getModeState() === "drawing") return;
    this.loaded = geometry;
    this.reload();
  }

  /** Anew: setting the mode lets go of what is selected. `clear` would also drop what is added in the same frame. */
  private reload(): void {
    this.draw.setMode(this.draw.getMode());
    this.draw.removeFeatures(this.shapes().map((each) => each.id!));
    const parts = this.loaded ? apart(this.loaded) : [];
    drawable.value = parts !== null;
    const features = (parts ?? []).map((geometry) => ({
      type: "Feature", id: this.draw.getFeatureId(), geometry: rounded(geometry), properties: { mode: MODE_OF[geometry.type] },
    })) as GeoJSONStoreFeatures[];
    const taken = this.draw.addFeatures(features);
    if (taken.some((each) => !each.valid)) drawable.value = false;
    else if (tool.peek() === "select" && features.length === 1) this.draw.selectFeature(features[0]!.id!);
  }

  private hold(next: Tool): void {
    if (this.draw.getMode() === next) return;
    if (this.draw.getModeState() === "drawing") this.cancel();
    this.draw.setMode(next);
    if (next === "select") this.reload();
  }

  /** What the store holds beside the handles of its tools. */
  private shapes(): GeoJSONStoreFeatures[] {
    return this.draw.getSnapshot().filter(({ properties }) => !HANDLES.some((each) => properties[each]));
  }

  /** Show edge and ring of what is being drawn, before it is finished. */
  private note(type: string): void {
    underWay.value = this.draw.getModeState() === "drawing";
    if (type !== "update" && type !== "create") return;
    if (this.draw.getModeState() !== "drawing" || this.draw.getMode() === "circle") return;
    const geometry = this.draw.getSnapshot().find(({ properties: p }) => p["currentlyDrawing"])?.geometry;
    if (geometry?.type === "Polygon" && new Set(geometry.coordinates[0]!.map(String)).size > 2) draftShape.value = { geometry: tidy(geometry), datum: MAP_DATUM };
  }

  private take(id: string | number, isNew: boolean): void {
    const drawn = this.draw.getSnapshotFeature(id);
    if (!drawn) return;
    underWay.value = false;
    if (drawn.properties["mode"] === "circle") return this.takeCircle(drawn.geometry);
    // A new shape takes the place of the old one.
    this.loaded = isNew ? tidy(drawn.geometry) : together(this.shapes().map((each) => tidy(each.geometry)));
    keep(this.loaded && { geometry: this.loaded, datum: MAP_DATUM });
    if (isNew) this.afterDrawing();
  }

  /** A circle is its middle and the standoff that reaches its rim; the server says how many metres that is. */
  private takeCircle(circle: Geometry): void {
    const rim = circle.type === "Polygon" ? circle.coordinates[0]!.slice(0, -1) : [];
    const middle = [0, 1].map((axis) => Number((rim.reduce((sum, each) => sum + each[axis]!, 0) / rim.length).toFixed(8))) as [number, number];
    this.loaded = null;
    form.value = { ...form.value, standoff: null };
    keep({ geometry: { type: "Point", coordinates: middle }, datum: MAP_DATUM, reaches: rim[0]!.slice(0, 2) as [number, number] });
    this.afterDrawing();
  }

  private afterDrawing(): void {
    queueMicrotask(() => {
      tool.value = "select";
      this.reload();
    });
  }

  /** A tap on a corner chooses it, for the button that deletes it. */
  private readonly choose = ({ point }: { point: { x: number; y: number } }): void => {
    if (tool.value !== "select" || !this.loaded) return;
    const near = corners(this.loaded).map(({ at }, index) => ({ index, px: this.map.project(at as [number, number]).dist(point as never) }));
    const best = near.sort((a, b) => a.px - b.px)[0];
    corner.value = best && best.px <= CORNER_PX ? best.index : null;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      (event.shiftKey ? forth : back)();
    }
    if (event.key === "Escape" && underWay.peek()) this.cancel();
    if (event.key === "Delete" && corner.peek() !== null) removeCorner();
  };

  /** Corners of other zones draw the pointer to them, so that neighbours share them. */
  private snapped({ lng, lat }: TerraDrawMouseEvent): Position | undefined {
    const here = this.map.project([lng, lat]);
    let best: Position | undefined;
    let bestPx = SNAP_PX;
    for (const each of this.map.queryRenderedFeatures([[here.x - 60, here.y - 60], [here.x + 60, here.y + 60]], { layers: ["zone-footprint"] })) {
      const whole = shownCollection({ type: "FeatureCollection", features: zones.value.features.filter(({ properties: p }) => p.id === each.properties["id"] && p.part === "footprint") });
      for (const { geometry } of whole.features) {
        eachPosition(geometry, (at) => {
          const px = this.map.project(at as [number, number]).dist(here);
          if (px < bestPx) [best, bestPx] = [at, px];
        });
      }
    }
    return best;
  }
}

const drawnOf = (geometry: Geometry): Geometry => {
  const [only] = shownCollection({ type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry }] }).features;
  return only!.geometry;
};

/** terra-draw takes no more digits than it was told. */
function rounded(geometry: Geometry): Geometry {
  const round = (nested: unknown): unknown => (Array.isArray(nested) ? nested.map(round) : Number((nested as number).toFixed(8)));
  return { ...geometry, coordinates: round((geometry as { coordinates: unknown }).coordinates) } as Geometry;
}

/** The footprint as the map draws it, for the list of corners. */
export function drawnShape(): Geometry | null {
  const now = shape.value;
  if (!now) return null;
  if (now.datum === MAP_DATUM) return now.geometry;
  const inWgs84 = now.datum === "wgs84" ? now.geometry : preview.value?.geometry;
  return inWgs84 ? drawnOf(inWgs84) : null;
}

export function removeCorner(): void {
  const drawn = drawnShape();
  if (!drawn || corner.value === null) return;
  const next = without(drawn, corner.value);
  if (next !== drawn) keep({ geometry: next, datum: MAP_DATUM });
  corner.value = null;
}

export function moveCorner(index: number, to: Position): void {
  const drawn = drawnShape();
  if (drawn) keep({ geometry: moved(drawn, index, to), datum: MAP_DATUM });
}

