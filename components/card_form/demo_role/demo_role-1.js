// Keeps the role that the demo is shown with, for a reload and for other tabs of this browser.
let kept = null;

export default function ({ data }) {
  if (data.role === "" || data.role === kept) return;
  kept = data.role;
  document.cookie = `cardpay_demo_role=${encodeURIComponent(kept)}; Path=/; SameSite=Strict`;
}
