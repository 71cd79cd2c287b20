"""Writes the invoices with an XML signature (XAdES) under `samples/einvoices/signed/`.

They are signed by libxmlsec1 and by signxml, two implementations that are not ours, and each is
verified by libxmlsec1 before it is written: good ones must pass, altered ones must fail. All
parties and both certificates are invented. Keys are made anew each time, so a file is written
only where it is missing. Needs `pip install lxml xmlsec signxml cryptography`.

`QUADRA_ACCEPT=1 cargo test --test it einvoice` writes the `.expected.json` beside them; the
canonical forms in `tests/it/fixtures/canonical.json` come from here as well.
"""

import base64
import datetime
import hashlib
import json
from pathlib import Path

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "einvoices" / "signed"
PLAIN = HERE / "einvoices" / "IT33401825030_00001.xml"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ENVELOPED = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
FILTER = (
    '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2">'
    '<dsig:XPath xmlns:dsig="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">{}</dsig:XPath></ds:Transform>'
)
ITALIAN = FILTER.format("/descendant::ds:Signature")
XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"
)


def form(name):
    return f'<ds:Transform Algorithm="{name}"/>'


class Signer:
    """Holds an invented person's key and certificate."""

    def __init__(self, name, key):
        self.key = key
        title = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Firma di prova"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(title)
            .issuer_name(title)
            .public_key(key.public_key())
            .serial_number(20250101)
            .not_valid_before(datetime.datetime(2025, 1, 1))
            .not_valid_after(datetime.datetime(2035, 1, 1))
            .add_extension(x509.KeyUsage(True, True, *[False] * 7), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)
        self.pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


ANNA = Signer("Anna Ferri", rsa.generate_private_key(65537, 2048))
PAOLO = Signer("Paolo Conti", ec.generate_private_key(ec.SECP256R1()))


def template(signer, number, transforms, uri="", info=C14N, method=MORE + "rsa-sha256", digest=SHA256, own=EXCLUSIVE, bare=False):
    """Returns a signature to be filled in: content, signed properties, key."""
    certificate = base64.b64encode(signer.der).decode()
    fingerprint = base64.b64encode(hashlib.sha256(signer.der).digest()).decode()
    mark = f"xades-{number}"
    reference = lambda uri, transforms, kind="": (
        f'<ds:Reference {kind} URI="{uri}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>'
    )
    properties = reference(f"#{mark}-props", form(own), 'Type="http://uri.etsi.org/01903#SignedProperties"')
    return etree.fromstring(
        f"""<ds:Signature xmlns:ds="{DS}" Id="{mark}">
<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{info}"/><ds:SignatureMethod Algorithm="{method}"/>
{reference(uri, transforms)}{"" if bare else properties}{"" if bare else reference(f"#{mark}-key", form(own))}
</ds:SignedInfo><ds:SignatureValue Id="{mark}-value"/>
<ds:KeyInfo Id="{mark}-key"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{mark}">
  <xades:SignedProperties Id="{mark}-props"><xades:SignedSignatureProperties>
    <xades:SigningTime>2025-03-11T09:30:0{number % 10}Z</xades:SigningTime>
    <xades:SigningCertificate><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{fingerprint}</ds:DigestValue></xades:CertDigest>
    <xades:IssuerSerial><ds:X509IssuerName>CN=prova</ds:X509IssuerName><ds:X509SerialNumber>20250101</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>
  </xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"""
    )


def sign(content, signer, number, transforms, **more):
    """Returns a file signed by libxmlsec1."""
    root = etree.fromstring(content)
    node = template(signer, number, transforms, **more)
    root.append(node)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.pem, xmlsec.KeyFormat.PEM)
    context.sign(node)
    tree = root.getroottree()
    return etree.tostring(tree, xml_declaration=True, encoding=tree.docinfo.encoding or "UTF-8")


def is_good(content):
    """Tells whether libxmlsec1 takes every signature of a file."""
    root = etree.fromstring(content)
    xmlsec.tree.add_ids(root, ["Id"])
    for node in root.iter(f"{{{DS}}}Signature"):
        context = xmlsec.SignatureContext()
        der = base64.b64decode("".join(node.find(f".//{{{DS}}}X509Certificate").text.split()))
        public = x509.load_der_x509_certificate(der).public_key()
        pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
        try:
            context.verify(node)
        except xmlsec.Error:
            return False
    return True


def write(name, content, good=True):
    assert is_good(content) == good, name
    path = FOLDER / f"IT33401825030_X00{name}.xml"
    if not path.exists():
        path.write_bytes(content)


def by_signxml(content):
    """Returns a file signed by signxml, in its own way of writing XAdES."""
    from signxml import CanonicalizationMethod, methods
    from signxml.xades import XAdESSigner

    signer = XAdESSigner(method=methods.enveloped, c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1)
    pem = ANNA.certificate.public_bytes(serialization.Encoding.PEM).decode()
    signed = signer.sign(etree.fromstring(content), key=ANNA.pem, cert=pem)
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def dressed(content):
    """Returns an invoice with all that a canonical form has to undo."""
    text = content.decode().replace("<Descrizione>Consulenza", "<Descrizione><![CDATA[Consulenza & <perizia>]]> caff&#xE8; &gt; \u20ac&#13;", 1)
    text = text.replace("?>\n", '?>\n<?xml-stylesheet  type="text/xsl" href="fattura.xsl"?>\n<!-- prima -->\n', 1)
    text = text.replace("<FatturaElettronicaHeader>", "\n<!-- dentro -->\n<FatturaElettronicaHeader\n\txml:lang='it'\n\txmlns:z='urn:z' xmlns:a='urn:a' xmlns=''  z:b='1\t2' a:c='&quot;&lt;&#10;x' >", 1)
    return (text + "\n<!-- dopo --><?fine?>\n").replace("\n", "\r\n").encode()


def samples():
    plain = PLAIN.read_bytes()
    italian = sign(plain, ANNA, 2, ITALIAN + form(C14N))
    write("01_enveloped", sign(plain, ANNA, 1, ENVELOPED + form(C14N)))
    write("02_filter", italian)
    write("03_ecdsa", sign(plain, PAOLO, 3, ENVELOPED + form(EXCLUSIVE), info=EXCLUSIVE, method=MORE + "ecdsa-sha256"))
    write("04_altered", italian.replace(b"<Numero>12/A", b"<Numero>92/A"), good=False)
    write("05_altered_time", italian.replace(b"2025-03-11T09:30", b"2025-03-31T09:30"), good=False)
    both = sign(italian, PAOLO, 6, ITALIAN + form(C14N), method=MORE + "ecdsa-sha256")
    write("06_two_signers", both)
    first = sign(plain, ANNA, 7, ENVELOPED + form(C14N))
    write("07_one_after_the_other", sign(first, PAOLO, 8, ENVELOPED + form(EXCLUSIVE), method=MORE + "ecdsa-sha256"), good=False)
    marked = plain.replace(b'versione="FPR12"', b'versione="FPR12" xml:lang="it"').replace(b"<FatturaElettronicaHeader>", b'<FatturaElettronicaHeader Id="testa">')
    write("08_part", sign(marked, ANNA, 8, form(C14N), uri="#testa"))
    write("09_unknown_path", sign(plain, ANNA, 9, FILTER.format("/descendant::ds:Signature | //Attachment") + form(C14N)))
    write("10_dressed", sign(dressed(plain), ANNA, 10, XPATH + form(C14N + "#WithComments"), info=C14N + "#WithComments", own=C14N))
    write("11_pointer", sign(dressed(plain), ANNA, 11, ENVELOPED + form(EXCLUSIVE + "WithComments"), uri="#xpointer(/)", info=EXCLUSIVE + "WithComments"))
    latin = plain.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"').replace(b"Consulenza", "Perizia sulla qualit\u00e0".encode("latin-1"))
    write("12_latin", sign(latin, ANNA, 12, ENVELOPED, method=MORE + "rsa-sha512", digest="http://www.w3.org/2001/04/xmlenc#sha512", info=C14N11))
    write("13_signxml", by_signxml(plain))
    write("14_no_properties", sign(plain, ANNA, 14, ENVELOPED + form(C14N), bare=True))
    other = base64.b64encode(ANNA.der)
    write("15_other_certificate", italian.replace(other, base64.b64encode(Signer("Anna Ferri", rsa.generate_private_key(65537, 2048)).der)), good=False)
    write("16_sha1", sign(plain, ANNA, 16, ENVELOPED + form(C14N), method=DS + "rsa-sha1", digest=DS + "sha1"))


def canonical_forms():
    """Writes texts with their canonical forms by libxml2."""
    texts = [
        "<a/>",
        "<?xml version='1.0'?>\n\n<?p  q  r ?><!-- x --><a>\n</a>\n<!-- y -->\n<?z?>\n",
        "<a  b = 'x'\tc=\"y'\" a='&lt;&amp;&quot;&#x9;&#xA;&#xD;\n\t'>&#x20AC;&gt;]]&gt;&apos;\"&#13;</a>",
        "<x:a xmlns:x='urn:1' xmlns:b='urn:2' xmlns='urn:0' b:z='1' x:y='2' c='3'><b:d xmlns:x='urn:1'/><e xmlns=''><f/></e></x:a>",
        "<a xmlns='urn:0'><b xmlns=''><c xmlns='urn:0'/><d xmlns=''/></b></a>",
        "<a xmlns:z='urn:z' xmlns:y='urn:y'><y:b y:q='1'><z:c/></y:b><b xmlns:z='urn:other'><z:c xmlns:z='urn:z'/></b></a>",
        "<a xml:lang='it' xml:space='preserve'><b xml:lang='en'> <c/> </b></a>",
        "<a><![CDATA[<b>&amp;]]>x<![CDATA[]]>\u00e8\U0001f600</a>",
        "<a b:c='1' d:c='2' xmlns:d='urn:a' xmlns:b='urn:b' c='0' xml:c='3'/>",
        "<a><!--in--><?pi in?><b><!-- --></b></a>",
        "<a xmlns:unused='urn:u'><unused:b xmlns:unused='urn:v'/><c unused:d=''/></a>",
        "<p:FatturaElettronica versione='FPR12' xmlns:p='urn:f' xmlns:ds='urn:ds'>\r\n<Testa>\r</Testa>\n<ds:Firma><ds:Dato>1</ds:Dato></ds:Firma></p:FatturaElettronica>",
    ]
    forms = []
    for text in texts:
        for exclusive in (False, True):
            for comments in (False, True):
                for prefixes in ([], ["z", "unused", "ds"]) if exclusive else ([],):
                    tree = etree.fromstring(text.encode()).getroottree()
                    whole = etree.tostring(
                        tree, method="c14n", exclusive=exclusive, with_comments=comments, inclusive_ns_prefixes=prefixes
                    )
                    forms.append({"text": text, "is_exclusive": exclusive, "keeps_comments": comments, "prefixes": prefixes, "canonical": whole.decode()})
    path = HERE.parent / "tests" / "it" / "fixtures" / "canonical.json"
    path.write_text(json.dumps(forms, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    samples()
    canonical_forms()
