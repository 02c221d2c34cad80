//! What XML property lists mean, and which are refused.

use bounded_plist::{Dictionary, Fault, Limits, Value, read, write_xml};
use time::macros::utc_datetime;

fn text(text: &str) -> Value {
    Value::from(text)
}

fn utf16(text: &str, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(encode).collect()
}

/// Each row: the input, what is wrong with it, at which byte, and under which key path.
fn assert_refused(rows: &[(&[u8], Fault, usize, &str)]) {
    for (bytes, fault, offset, path) in rows {
        let seen = String::from_utf8_lossy(bytes);
        let error = read(bytes, &Limits::default()).expect_err(&seen);
        assert_eq!(error.fault, *fault, "{seen}");
        assert_eq!((error.offset, error.path.as_str()), (*offset, *path), "{seen}: {error}");
    }
}

fn misplaced(found: &str, expected: &'static str) -> Fault {
    Fault::Misplaced { found: found.to_owned(), expected }
}

#[test]
fn every_element_is_read() {
    let array = |values: &[&str]| values.iter().copied().collect::<Value>();
    for (xml, expected) in [
        ("<true/>", Value::from(true)),
        ("<true></true>", Value::from(true)),
        ("<false />", Value::from(false)),
        ("<false> </false>", Value::from(false)),
        ("<string>a</string>", text("a")),
        ("<string/>", text("")),
        ("<string></string>", text("")),
        ("<string> a \n</string>", text(" a \n")),
        ("<string>a\r\nb\rc\n\r\nd&#13;e</string>", text("a\nb\nc\n\nd\re")),
        ("<string>a<!-- b -->c<?d e?>f</string>", text("acf")),
        ("<string><![CDATA[<a> & &amp; ]]]]><![CDATA[>\r\n]]></string>", text("<a> & &amp; ]]>\n")),
        ("<string>&lt;&gt;&amp;&quot;&apos;</string>", text("<>&\"'")),
        ("<string>&#65;&#x42;&#x1F680;&#128640;&#9;</string>", text("AB🚀🚀\t")),
        ("<string>R&amp;D &lt;β&gt; \"应用\" 🚀</string>", text("R&D <β> \"应用\" 🚀")),
        ("<string>\u{1}&#8;</string>", text("\u{1}\u{8}")),
        ("<string xml:space='preserve' a=\">\">a</string >", text("a")),
        ("<integer>0</integer>", Value::from(0)),
        ("<integer> +42\n</integer>", Value::from(42)),
        ("<integer>-9223372036854775808</integer>", Value::from(i64::MIN)),
        ("<integer>18446744073709551615</integer>", Value::from(u64::MAX)),
        ("<integer>170141183460469231731687303715884105727</integer>", Value::from(i128::MAX)),
        ("<integer>-170141183460469231731687303715884105728</integer>", Value::from(i128::MIN)),
        ("<integer>0xDEADbeef</integer>", Value::from(0xdead_beef_u32)),
        ("<integer>-0X1f</integer>", Value::from(-31)),
        ("<integer>00012</integer>", Value::from(12)),
        ("<real>1.5</real>", Value::from(1.5)),
        ("<real>-1e-3</real>", Value::from(-0.001)),
        ("<real>7</real>", Value::from(7.0)),
        ("<real> .5 </real>", Value::from(0.5)),
        ("<real>inf</real>", Value::from(f64::INFINITY)),
        ("<real>+Infinity</real>", Value::from(f64::INFINITY)),
        ("<real>-infinity</real>", Value::from(f64::NEG_INFINITY)),
        ("<real>1e999</real>", Value::from(f64::INFINITY)),
        ("<date>2026-11-21T09:49:59Z</date>", Value::from(utc_datetime!(2026-11-21 09:49:59))),
        ("<date>0000-02-29T00:00:00Z</date>", Value::from(utc_datetime!(0000-02-29 00:00:00))),
        ("<date>-0044-03-15T12:00:00Z</date>", Value::from(utc_datetime!(-0044-03-15 12:00:00))),
        ("<date> 9999-12-31T23:59:59Z\n</date>", Value::from(utc_datetime!(9999-12-31 23:59:59))),
        ("<data/>", Value::from(Vec::<u8>::new())),
        ("<data>\n\t\n</data>", Value::from(Vec::<u8>::new())),
        ("<data>\n\tAAEC\r\n\tAwQ=\n</data>", Value::from(vec![0_u8, 1, 2, 3, 4])),
        ("<data>A A<!-- -->E<![CDATA[C]]>&#65;w</data>", Value::from(vec![0_u8, 1, 2, 3])),
        ("<data>/+8</data>", Value::from(vec![0xff_u8, 0xef])),
        ("<data>__QUJD_é_REU-=</data>", Value::from(&b"ABCDE"[..])),
        ("<data>QQ==QUI=</data>", Value::from(&b"AAB"[..])),
        ("<data>QUJDR</data>", Value::from(&b"ABC"[..])),
        ("<data>=Q=&lt;</data>", Value::from(&b""[..])),
        ("<array/>", array(&[])),
        ("<array><!-- none --></array>", array(&[])),
        ("<array><string>a</string>\n<string/></array>", array(&["a", ""])),
        ("<dict/>", Value::from(Dictionary::new())),
        (
            "<dict><key>a</key><string>1</string><key/><true/><key>a</key><string>2</string></dict>",
            Value::from(Dictionary::from([("a", text("2")), ("", Value::from(true))])),
        ),
        ("<dict><key>CF$UID</key><integer>7</integer></dict>", Value::Uid(7)),
        (
            "<dict><key>CF$UID</key><integer>-7</integer></dict>",
            Value::from(Dictionary::from([("CF$UID", -7)])),
        ),
    ] {
        for document in [
            xml.to_owned(),
            format!("<plist version=\"1.0\">{xml}</plist>"),
            format!("<?xml version=\"1.0\"?>\n<!-- a -->\n<plist>\n{xml}\n</plist>\n<!-- b -->\n<?c d?>\n"),
        ] {
            assert_eq!(read(document.as_bytes(), &Limits::default()), Ok(expected.clone()), "{document}");
        }
    }
    let nan = read(b"<real>NaN</real>", &Limits::default()).unwrap();
    assert!(nan.as_real().is_some_and(f64::is_nan));
}

#[test]
fn every_encoding_that_is_read_gives_the_same_text() {
    let plain = "<plist><string>é — β 应用 🚀</string></plist>";
    let declared = |encoding: &str| format!("<?xml version='1.0' encoding='{encoding}'?>{plain}");
    let expected = Ok(text("é — β 应用 🚀"));
    for (bytes, message) in [
        (plain.as_bytes().to_vec(), "UTF-8"),
        (format!("\u{feff}{plain}").into_bytes(), "UTF-8 with a mark"),
        (declared("utf-8").into_bytes(), "UTF-8, declared"),
        (format!("\n\t {}", declared("UTF-8")).into_bytes(), "white space before the declaration"),
        (format!("\u{feff}{}", declared("UTF-16")).into_bytes(), "the mark is right, the declaration wrong"),
        (utf16(&format!("\u{feff}{plain}"), u16::to_be_bytes), "UTF-16, big-endian"),
        (utf16(&format!("\u{feff}{plain}"), u16::to_le_bytes), "UTF-16, little-endian"),
        (utf16(&format!("\u{feff}{}", declared("UTF-16")), u16::to_le_bytes), "UTF-16, declared"),
        (utf16(&format!("\u{feff}{}", declared("UTF-8")), u16::to_be_bytes), "UTF-16, declared as UTF-8"),
        (utf16(&declared("UTF-16LE"), u16::to_le_bytes), "UTF-16 without a mark, little-endian"),
        (utf16(&declared("UTF-16BE"), u16::to_be_bytes), "UTF-16 without a mark, big-endian"),
    ] {
        assert_eq!(read(&bytes, &Limits::default()), expected, "{message}");
    }
    let latin1 = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><string>caf\xe9</string>";
    assert_eq!(read(latin1, &Limits::default()), Ok(text("café")));
}

#[test]
fn what_is_no_property_list_is_refused() {
    let syntax = |reason: &str| Fault::Syntax { reason: reason.to_owned() };
    let end_tag = |found: &str, expected: &str| Fault::EndTag {
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    let element = |name: &str| Fault::Element { name: name.to_owned() };
    assert_refused(&[
        (b"<plist>", Fault::Truncated, 7, ""),
        (b"<plist></plist>", Fault::Empty, 15, ""),
        (b"<?xml version='1.0'?>", Fault::Empty, 21, ""),
        (b"<plist><array>", Fault::Truncated, 14, "[0]"),
        (b"<array><string>a", Fault::Truncated, 16, "[0]"),
        (b"<array><string", Fault::Truncated, 7, "[0]"),
        (b"<array><!-- ", Fault::Truncated, 7, "[0]"),
        (b"<!DOCTYPE html><html></html>", element("html"), 15, ""),
        (b"<plist><Dict/></plist>", element("Dict"), 7, ""),
        (b"<true/>x", misplaced("the text `x`", "the end"), 7, ""),
        (b"<true/><true/>", misplaced("<true>", "the end (a property list is one value)"), 7, ""),
        (b"<plist/><true/>", misplaced("<true>", "the end"), 8, ""),
        (b"<true/><plist/>", misplaced("<plist>", "a value or the end"), 7, ""),
        (b"<plist><plist>", misplaced("<plist>", "a value or the end"), 7, ""),
        (b"<true/></plist>", end_tag("plist", ""), 7, ""),
        (b"<!DOCTYPE>", syntax("`<!DOCTYPE>` declaration does not contain a name of a document type"), 9, ""),
        (b"<!ELEMENT a><true/>", syntax("unknown or missed symbol in markup"), 0, ""),
        (b"<plist></array>", end_tag("array", "plist"), 7, ""),
    ]);
}

#[test]
fn arrays_and_dictionaries_hold_nothing_else() {
    let element = |name: &str| Fault::Element { name: name.to_owned() };
    assert_refused(&[
        (b"<array>x</array>", misplaced("the text `x`", "a value"), 7, "[0]"),
        (b"<array>&lt;</array>", misplaced("the text `&lt;`", "a value"), 7, "[0]"),
        (b"<array><![CDATA[x]]></array>", misplaced("the text `x`", "a value"), 7, "[0]"),
        (b"<array><key>a</key></array>", misplaced("<key>", "a value"), 7, "[0]"),
        (b"<dict><true/></dict>", misplaced("<true>", "<key> or </dict>"), 6, ""),
        (b"<dict>x</dict>", misplaced("the text `x`", "<key> or </dict>"), 6, ""),
        (b"<dict><key>a</key><key>b</key></dict>", misplaced("<key>", "a value"), 18, "a"),
        (b"<dict><key>a</key></dict>", misplaced("</dict>", "the value of a key"), 18, "a"),
        (b"<dict><key>a<b/></key></dict>", misplaced("<b>", "text or an end tag"), 12, ""),
        (
            b"<dict><key>a</key><array><true/><dict><key>b.c</key><x/></dict></array></dict>",
            element("x"),
            52,
            "a[1][\"b.c\"]",
        ),
    ]);
}

#[test]
fn references_to_no_character_are_refused() {
    let character = |reference: &str| Fault::CharacterReference { reference: reference.to_owned() };
    let entity = |name: &str| Fault::Entity { name: name.to_owned() };
    assert_refused(&[
        (b"<string>R&D</string>", Fault::BareAmpersand, 9, ""),
        (b"<string>a & b</string>", Fault::BareAmpersand, 10, ""),
        (b"<string>a &amp b</string>", Fault::BareAmpersand, 10, ""),
        (b"<string>a&b&amp;</string>", Fault::BareAmpersand, 9, ""),
        (b"<string>&nbsp;</string>", entity("nbsp"), 8, ""),
        (b"<string>&AMP;</string>", entity("AMP"), 8, ""),
        (
            b"<!DOCTYPE plist [<!ENTITY a \"b\"><!ENTITY c SYSTEM 'file:///etc/passwd'>]><string>&a;&c;</string>"
                ,
            entity("a"),
            81,
            "",
        ),
        (b"<string>&#0;</string>", character("#0"), 8, ""),
        (b"<string>&#xD800;</string>", character("#xD800"), 8, ""),
        (b"<string>&#x110000;</string>", character("#x110000"), 8, ""),
        (b"<string>&#99999999999999999999;</string>", character("#99999999999999999999"), 8, ""),
        (b"<string>&#+65;</string>", character("#+65"), 8, ""),
        (b"<string>&#;</string>", character("#"), 8, ""),
        (b"<string>a<b>c</b></string>", misplaced("<b>", "text or an end tag"), 9, ""),
    ]);
}

#[test]
fn what_is_not_in_its_encoding_is_refused() {
    let entity = |name: &str| Fault::Entity { name: name.to_owned() };
    let elsewhere = |name: &str| Fault::Encoding { name: name.to_owned() };
    let big_endian = |text: &str| utf16(&format!("\u{feff}{text}"), u16::to_be_bytes);
    assert_refused(&[
        (b"<string>caf\xe9</string>", Fault::Text { encoding: "UTF-8" }, 11, ""),
        (b"\xef\xbb\xbf<string>\xff", Fault::Text { encoding: "UTF-8" }, 11, ""),
        (b"<?xml version='1.0' encoding='Shift_JIS'?><true/>", elsewhere("Shift_JIS"), 0, ""),
        (b"<?xml version='1.0' encoding='utf-16'?><true/>", elsewhere("utf-16"), 0, ""),
        (b"\xff\xfe\0\0<\0\0\0", elsewhere("UTF-32"), 0, ""),
        (
            &[&big_endian("<string>\u{1f680}")[..], &[0xd8, 0, 0, b'<']].concat(),
            Fault::Text { encoding: "UTF-16" },
            22,
            "",
        ),
        (&[&big_endian("<true/>")[..], b"x"].concat(), Fault::Text { encoding: "UTF-16" }, 16, ""),
        (&big_endian("<string>🚀é&x;</string>"), entity("x"), 24, ""),
        ("\u{feff}<string>🚀é&x;</string>".as_bytes(), entity("x"), 17, ""),
        (b"<?xml version='1.0' encoding='latin1'?><string>\xe9\xe9&x;</string>", entity("x"), 49, ""),
    ]);
}

#[test]
fn what_is_no_scalar_is_refused() {
    let integer = |text: &str| Fault::Integer { text: text.to_owned() };
    let date = |text: &str| Fault::Date { text: text.to_owned() };
    assert_refused(&[
        (b"<true>yes</true>", misplaced("the text `yes`", "an end tag"), 0, ""),
        (b"<integer/>", integer(""), 0, ""),
        (b"<integer>-</integer>", integer("-"), 0, ""),
        (b"<integer>+-1</integer>", integer("+-1"), 0, ""),
        (b"<integer>0x</integer>", integer("0x"), 0, ""),
        (b"<integer>0x+1</integer>", integer("0x+1"), 0, ""),
        (b"<integer>1.0</integer>", integer("1.0"), 0, ""),
        (b"<integer>1 2</integer>", integer("1 2"), 0, ""),
        ("<integer>٣</integer>".as_bytes(), integer("٣"), 0, ""),
        (
            b"<integer>170141183460469231731687303715884105728</integer>",
            integer("170141183460469231731687303715884105728"),
            0,
            "",
        ),
        (b"<real>1,5</real>", Fault::Real { text: "1,5".to_owned() }, 0, ""),
        (b"<real/>", Fault::Real { text: String::new() }, 0, ""),
        (b"<date/>", date(""), 0, ""),
        (b"<date>2026-11-21</date>", date("2026-11-21"), 0, ""),
        (b"<date>2026-11-21T09:49:59</date>", date("2026-11-21T09:49:59"), 0, ""),
        (b"<date>2026-11-21 09:49:59Z</date>", date("2026-11-21 09:49:59Z"), 0, ""),
        (b"<date>2026-02-29T00:00:00Z</date>", date("2026-02-29T00:00:00Z"), 0, ""),
        (b"<date>2026-13-01T00:00:00Z</date>", date("2026-13-01T00:00:00Z"), 0, ""),
        (b"<date>2026-11-21T24:00:00Z</date>", date("2026-11-21T24:00:00Z"), 0, ""),
        (b"<date>2026-11-21T09:49:60Z</date>", date("2026-11-21T09:49:60Z"), 0, ""),
        (b"<date>+026-11-21T09:49:59Z</date>", date("+026-11-21T09:49:59Z"), 0, ""),
        ("<date>２026-11-21T09:49:Z</date>".as_bytes(), date("２026-11-21T09:49:Z"), 0, ""),
    ]);
}

#[test]
fn messages_cut_hostile_text_short_and_escape_it() {
    let name = "\u{1b}[31m".repeat(10_000);
    for xml in [
        format!("<integer>{name}</integer>"),
        format!("<array>{name}</array>"),
        format!("<x{name}/>"),
        format!("<string>&{name};</string>"),
        format!("<array></{name}>"),
        format!("<dict><key>{name}</key><x/></dict>"),
        format!("<?xml version='1.0' encoding='{}'?><true/>", &name[..200]),
    ] {
        let message = read(xml.as_bytes(), &Limits::default()).unwrap_err().to_string();
        assert!(message.len() < 1000, "{} bytes: {message}", message.len());
        assert!(!message.contains('\u{1b}'), "{message:?}");
    }
}

#[test]
fn everything_is_written_as_apple_lays_it_out() {
    let inner = Dictionary::from([
        ("data", Value::from(vec![7_u8; 55])),
        ("date", Value::from(utc_datetime!(2026-11-21 09:49:59.9))),
        ("early", Value::from(utc_datetime!(-0044-03-15 12:00))),
        ("empty array", Value::Array(vec![])),
        ("empty data", Value::from(Vec::<u8>::new())),
        ("empty dictionary", Value::from(Dictionary::new())),
        ("empty string", Value::from("")),
        ("<&>\"'", Value::from("<&>\"' ]]>\r\n\t\u{8}\u{ffff}🚀")),
        ("integer", Value::from(-1)),
        ("real", Value::from(0.1)),
        ("whole real", Value::from(3.0)),
        ("large real", Value::from(1e300)),
        ("not a number", Value::from(f64::NAN)),
        ("infinity", Value::from(f64::INFINITY)),
        ("minus infinity", Value::from(f64::NEG_INFINITY)),
        ("uid", Value::Uid(3)),
    ]);
    let value = Value::from(Dictionary::from([(
        "a",
        Value::from(vec![Value::from(inner), true.into(), false.into()]),
    )]));
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
<plist version=\"1.0\">
<dict>
	<key>a</key>
	<array>
		<dict>
			<key>data</key>
			<data>
			BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
			BwcHBwcHBwcHBwcHBwcHBw==
			</data>
			<key>date</key>
			<date>2026-11-21T09:49:59Z</date>
			<key>early</key>
			<date>-0044-03-15T12:00:00Z</date>
			<key>empty array</key>
			<array/>
			<key>empty data</key>
			<data>
			</data>
			<key>empty dictionary</key>
			<dict/>
			<key>empty string</key>
			<string></string>
			<key>&lt;&amp;&gt;\"'</key>
			<string>&lt;&amp;&gt;\"' ]]&gt;&#13;
	\u{fffd}\u{fffd}🚀</string>
			<key>integer</key>
			<integer>-1</integer>
			<key>real</key>
			<real>0.1</real>
			<key>whole real</key>
			<real>3.0</real>
			<key>large real</key>
			<real>1e300</real>
			<key>not a number</key>
			<real>nan</real>
			<key>infinity</key>
			<real>+infinity</real>
			<key>minus infinity</key>
			<real>-infinity</real>
			<key>uid</key>
			<dict>
				<key>CF$UID</key>
				<integer>3</integer>
			</dict>
		</dict>
		<true/>
		<false/>
	</array>
</dict>
</plist>
";
    assert_eq!(String::from_utf8(write_xml(&value)).unwrap(), expected);
}

#[test]
fn the_lines_of_data_grow_shorter_down_to_the_eighth_level() {
    for (depth, longest) in [(0, 76), (1, 68), (7, 20), (8, 12), (9, 12), (20, 12)] {
        let mut value = Value::from(vec![0_u8; 200]);
        for _ in 0..depth {
            value = Value::from(vec![value]);
        }
        let xml = String::from_utf8(write_xml(&value)).unwrap();
        let line = xml.lines().find(|line| line.contains("AAAA")).unwrap();
        assert_eq!(line.trim_start().len(), longest, "at depth {depth}");
        assert_eq!(line.len() - line.trim_start().len(), depth, "tabs at depth {depth}");
    }
}
