// Map images, drawn when the style first asks for them: "inside-fresh", "clear-silent", "heading".
import type { Freshness } from "../data/freshness";
import type { DeviceState } from "../data/model";
import { colorOf, SHAPES, SLASH, SLASH_COLOR } from "./shapes";

const BOX = 24;
const SIZE_PX = 30;
const HEADING_PX = 48;
export const PIXEL_RATIO = 2;

export function imageName(state: DeviceState, freshness: Freshness): string {
  return `${state}-${freshness}`;
}

export function drawImage(name: string): ImageData | null {
  if (name === "heading") return drawHeading();
  const [state, freshness] = name.split("-") as [DeviceState, Freshness];
  return state in SHAPES ? drawSymbol(state, freshness) : null;
}

function canvas(sizePx: number): CanvasRenderingContext2D {
  const element = document.createElement("canvas");
  element.width = element.height = sizePx * PIXEL_RATIO;
  return element.getContext("2d", { willReadFrequently: true })!;
}

function drawSymbol(state: DeviceState, freshness: Freshness): ImageData {
  const pen = canvas(SIZE_PX);
  const color = colorOf(state, freshness);
  const outline = new Path2D(SHAPES[state].outline);
  const margin = 3;
  pen.scale((SIZE_PX * PIXEL_RATIO) / (BOX + 2 * margin), (SIZE_PX * PIXEL_RATIO) / (BOX + 2 * margin));
  pen.translate(margin, margin);
  pen.lineJoin = "round";
  stroke(pen, outline, "#ffffff", 5);
  const filled = freshness === "fresh";
  pen.fillStyle = filled ? color : "#ffffff";
  pen.fill(outline);
  if (!filled) stroke(pen, outline, color, 2.2);
  pen.fillStyle = filled ? "#ffffff" : color;
  pen.fill(new Path2D(SHAPES[state].mark));
  if (freshness === "silent") strike(pen, SLASH_COLOR);
  return pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);
}

function strike(pen: CanvasRenderingContext2D, color: string): void {
  stroke(pen, new Path2D(SLASH), "#ffffff", 5);
  stroke(pen, new Path2D(SLASH), color, 2.2);
}

function stroke(pen: CanvasRenderingContext2D, path: Path2D, color: string, width: number): void {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.stroke(path);
}

/** A wedge that looks out from behind the symbol, towards the top: the layer turns it. */
function drawHeading(): ImageData {
  const pen = canvas(HEADING_PX);
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  const wedge = new Path2D(`M${HEADING_PX / 2} 2.5l8 11q-8-4.500-16 0z`);
  pen.lineJoin = "round";
  stroke(pen, wedge, "#ffffff", 4);
  pen.fillStyle = "#26323d";
  pen.fill(wedge);
  return pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);
}
